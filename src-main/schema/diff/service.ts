import type { ServiceOf } from '../../contract.ts'
import { AtlasError } from '../../errors.ts'
import type { JobControl, JobStarter } from '../../jobs/contract.ts'
import type { Definitions } from '../ddl/definition.ts'
import { inOrder, scriptOf } from '../ddl/order.ts'
import { type Ignore, keyOf } from './compare.ts'
import type { Comparison, diffContract, OtherSide } from './contract.ts'
import { objectsOf } from './objects.ts'
import { planMigration } from './plan.ts'
import { type Readable, readSides } from './read.ts'
import { writeMigration } from './write.ts'

/** A database that is there for the time of some work, with its name for people. */
export type WithSide = <Result>(
  other: OtherSide,
  job: JobControl,
  work: (db: Readable, name: string) => Promise<Result>,
) => Promise<Result>

interface Dependencies {
  db: Readable
  jobs: JobStarter
  environmentId: string
  environmentName: string
  /** Opens another environment, or makes a throw-away database from migrations; closes it afterwards. */
  withSide: WithSide
}

interface Held {
  comparison: Comparison
  here: Definitions
  there: Definitions
  ignore: Ignore
}

/** Holds this environment against another one or against its migrations, and writes what makes one as the other is. */
export function createDiff({
  db,
  jobs,
  environmentId,
  environmentName,
  withSide,
}: Dependencies): ServiceOf<typeof diffContract> {
  let held: Held | undefined

  function newest(): Held {
    if (held) return held
    throw new AtlasError('NOT_FOUND', 'Nothing was compared yet', {
      saved: 'Nothing was written.',
      next: 'Compare two sides first.',
    })
  }

  return {
    compare: async ({ other, ignored }) =>
      jobs.start(
        { environmentId, title: 'Compare schemas', link: '/schema?show=compare', isCancellable: true },
        async (job) => {
          const begun = performance.now()
          const ignore = new Set(ignored)
          await withSide(other, job, async (side, name) => {
            job.report({ detail: `Reading ${name} and ${environmentName}`, progress: 0.7 })
            const [here, there] = await readSides(db, side, ignore)
            job.signal.throwIfAborted()
            const { objects, counts } = objectsOf(here.definitions, there.definitions, ignore)
            const comparison: Comparison = {
              comparedAt: new Date(),
              durationMs: performance.now() - begun,
              here: { name: environmentName, version: here.version },
              there: { name, version: there.version },
              other,
              ignored,
              counts,
              objects,
            }
            held = { comparison, here: here.definitions, there: there.definitions, ignore }
          })
          const { different, onlyHere, onlyThere, reordered } = newest().comparison.counts
          const count = different + onlyHere + onlyThere
          if (count > 0) return `${count} ${count === 1 ? 'object differs' : 'objects differ'}`
          return reordered === 0 ? 'Identical' : `Identical but for the order of columns of ${reordered}`
        },
      ),

    comparison: async () => held?.comparison ?? null,

    comparedDefinition: async ({ key }) => {
      const { comparison, here, there } = newest()
      if (!comparison.objects.some((one) => one.key === key)) {
        throw new AtlasError('NOT_FOUND', 'The comparison holds no such object', {
          object: key,
          next: 'It may be of an earlier comparison: choose it anew.',
        })
      }
      return { here: scriptFor(here, key), there: scriptFor(there, key) }
    },

    writeMigration: async ({ changes, withDestructive, only }) => {
      const { comparison, here, there, ignore } = newest()
      const [now, wanted] = changes === 'here' ? [here, there] : [there, here]
      const [from, to] =
        changes === 'here'
          ? [comparison.here.name, comparison.there.name]
          : [comparison.there.name, comparison.here.name]
      const chosen = only && new Set(only)
      return writeMigration(planMigration({ now, wanted, ignore, only: chosen, withDestructive }), {
        from,
        to,
      })
    },
  }
}

/** An object with all that belongs to it, as one script. */
function scriptFor({ all, needs }: Definitions, key: string): string | null {
  const object = all.find((definition) => keyOf(definition) === key)
  if (!object) return null
  const own = all.filter(({ address, holder }) => address === object.address || holder === object.address)
  return scriptOf(inOrder({ all: own, needs }))
}
