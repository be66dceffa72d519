import { setTimeout as wait } from 'node:timers/promises'
import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import type { JobControl } from '../jobs/contract.ts'
import type { AlertCondition, alertContract } from './alertContract.ts'
import { createTest } from './arrangement.ts'
import { openReadOnlySession, type ReadOnlySession } from './readOnlySession.ts'
import type { HeldResult } from './run.ts'
import { runAgain } from './runAgain.ts'
import type { ConsoleDependencies, Tabs } from './tabs.ts'

const mostAlerts = 16
const shownStatement = 80

/** Conditions that are waited for, each as a job. */
export function createAlerts(
  { db, jobs, environmentId }: Pick<ConsoleDependencies, 'db' | 'jobs' | 'environmentId'>,
  tabs: Pick<Tabs, 'of' | 'resultOf' | 'runs'>,
): ServiceOf<typeof alertContract> & { endAlerts(): void } {
  let waiting = 0
  const closing = new AbortController()

  const waitFor = async (
    job: JobControl,
    again: ReadOnlySession,
    watched: { sent: Pick<HeldResult, 'text' | 'values'>; everyMs: number; reading: Reading },
  ): Promise<string> => {
    const { sent, everyMs, reading } = watched
    let { before } = reading
    for (let count = 1; ; count++) {
      await wait(everyMs, undefined, { signal: job.signal })
      const { statement, result } = await runAgain(tabs.runs, again, sent, job.signal)
      let after: string | null | undefined
      try {
        after = result && reading.of(result)
      } finally {
        result?.spool.close()
      }
      job.signal.throwIfAborted()
      if (statement.error) {
        const { code, message, data } = statement.error
        throw new AtlasError(code as AtlasError['code'], message, data)
      }
      if (after === undefined) throw new AtlasError('UNSUPPORTED', 'The statement gave no rows to look at')
      if (reading.hasComeTrue(before, after)) return `${reading.words} since run ${count}`
      job.report({ detail: `Not yet, run ${count}` })
      before = after
    }
  }

  return {
    /** The environment is closed: what still waits fails, and says why. */
    endAlerts: () => closing.abort(),

    startAlert: async ({ sessionId, resultId, everyMs, condition }) => {
      if (waiting >= mostAlerts) {
        throw new AtlasError('CONFLICT', `${mostAlerts} alerts wait already`, {
          saved: 'Nothing was begun.',
          next: 'Cancel one in the activity centre first.',
        })
      }
      const held = tabs.resultOf(resultId)
      const reading = createReading(condition, held)
      const { text, values } = held
      waiting++
      const again = await openReadOnlySession(db, 'alert', text, tabs.of(sessionId).state()).catch(
        (error) => {
          waiting--
          throw error
        },
      )
      const title = `Alert when ${reading.words}: ${text.replaceAll(/\s+/g, ' ').slice(0, shownStatement)}`
      return jobs.start(
        { environmentId, title, link: '/console', isCancellable: true, isAlert: true },
        async (job) => {
          try {
            const signal = AbortSignal.any([job.signal, closing.signal])
            return await waitFor({ ...job, signal }, again, { sent: { text, values }, everyMs, reading })
          } catch (error) {
            if (!closing.signal.aborted) throw error
            throw new AtlasError('CONNECTION_LOST', 'The environment was closed', { next: 'Set it anew.' })
          } finally {
            waiting--
            await again.close()
          }
        },
      )
    },
  }
}

type Reading = ReturnType<typeof createReading>

/** What a condition looks at in a result, and when it has come true from one run to the next. */
function createReading({ column, op, value }: AlertCondition, first: HeldResult) {
  const type = column === null ? 'int8' : first.columns[column]?.type
  if (type === undefined) {
    throw new AtlasError('INPUT_INVALID', 'The result has no such column', { object: `column ${column}` })
  }
  const of = ({ spool }: HeldResult): string | null =>
    column === null ? String(spool.rows) : (spool.read(0, 1).rows[0]?.[column] ?? null)
  const name = column === null ? 'the number of rows' : `${first.columns[column]?.name} of the first row`
  const passes = op === 'changes' ? undefined : createTest({ column: column ?? 0, op, value }, type)
  return {
    words: op === 'changes' ? `${name} changes` : `${name} ${op} ${value}`,
    before: of(first),
    of,
    hasComeTrue: (before: string | null, after: string | null): boolean =>
      passes ? passes(after) && !passes(before) : before !== after,
  }
}
