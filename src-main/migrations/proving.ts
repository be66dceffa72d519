import type { Session } from '../adapters/postgres.ts'
import { AtlasError } from '../errors.ts'
import type { JobControl } from '../jobs/contract.ts'
import { chooseFiles, compareFolder } from './compare.ts'
import { type MigrationsDependencies, placeOfSource } from './context.ts'
import { copyCatalogue } from './copy.ts'
import { compareFingerprints, takeFingerprint } from './fingerprint.ts'
import { rehearseFiles, replay } from './rehearse.ts'
import type { Drift, Rehearsal } from './report.contract.ts'
import { inScratch, reachesServer, readLedger } from './scratch.ts'
import type { LedgerText } from './sql.ts'
import type { Source } from './state.contract.ts'

type Dependencies = Pick<
  MigrationsDependencies,
  'db' | 'jobs' | 'environmentId' | 'folder' | 'openScratch' | 'readCatalogue'
>

/** Tries in a throw-away database what is pending, and holds what is there against what the ledger makes. */
export function createProving(dependencies: Dependencies) {
  const { db, jobs, environmentId, folder, openScratch, readCatalogue } = dependencies
  const rehearsals = new Map<string, Rehearsal>()
  let drift: Drift | undefined

  /**
   * The schema in an empty database: what the ledger has made is run again. Where it took something over that it has
   * not made, or is empty, the catalogue is the only one who knows.
   */
  async function makeCopy(session: Session, texts: LedgerText[], job: JobControl) {
    const isMadeByLedger = texts.length > 0 && texts.every(({ outcome }) => outcome === 'applied')
    if (isMadeByLedger || !readCatalogue) {
      await replay(session, texts, job)
      return { replayed: texts.length, copied: 0, leftOut: [] }
    }
    job.report({ detail: 'Reading the schema' })
    const objects = await readCatalogue()
    return { replayed: 0, copied: objects.length, ...(await copyCatalogue(session, objects, job)) }
  }

  return {
    rehearse: async (source: Source) => {
      const place = placeOfSource(folder, source)
      return jobs.start(
        { environmentId, title: 'Rehearse migrations', link: '/migrations', isCancellable: true },
        async (job) => {
          const [startedAt, begun] = [new Date(), performance.now()]
          const files = chooseFiles(await compareFolder(db, place), undefined, true)
          const texts = await readLedger(db)
          const isIsolated = files.some(({ text }) => reachesServer.test(text))
          await inScratch(openScratch, job, isIsolated, async (session, { place: where }) => {
            const copy = await makeCopy(session, texts, job)
            const reports = await rehearseFiles(session, files, job)
            rehearsals.set(place.project, {
              project: place.project,
              startedAt,
              durationMs: performance.now() - begun,
              place: where,
              ...copy,
              isPassed: reports.every(({ status }) => status === 'passed'),
              files: reports,
            })
          })
          const report = rehearsals.get(place.project)
          const failed = report?.files.find(({ status }) => status === 'failed')
          if (failed) {
            throw new AtlasError('MIGRATION_FAILED', `The rehearsal of ${failed.fileName} failed`, {
              object: failed.fileName,
              detail: failed.error ?? failedWhy(failed),
              saved: 'Only the throw-away database was touched.',
              next: 'The report of the rehearsal says which statement.',
            })
          }
          return files.length === 0 ? 'Nothing was pending' : `${files.length} rehearsed`
        },
      )
    },

    rehearsal: async (source: Source | undefined) =>
      rehearsals.get(placeOfSource(folder, source).project) ?? null,

    checkDrift: async (_source: Source) =>
      jobs.start(
        { environmentId, title: 'Check for drift', link: '/migrations', isCancellable: true },
        async (job) => {
          const begun = performance.now()
          const texts = await readLedger(db)
          drift = await inScratch(openScratch, job, false, async (session, { place }) => {
            await replay(session, texts, job)
            job.report({ detail: 'Comparing', progress: 0.9 })
            const expected = await takeFingerprint(session, { withPartitions: false })
            const found = await takeFingerprint(db, { withPartitions: false })
            return {
              checkedAt: new Date(),
              durationMs: performance.now() - begun,
              place,
              objects: found.size,
              differences: compareFingerprints(expected, found),
            }
          })
          const count = drift.differences.length
          return count === 0 ? 'No drift' : `${count} ${count === 1 ? 'difference' : 'differences'}`
        },
      ),

    drift: async () => drift ?? null,
  }
}

function failedWhy({ invalidIndexes, differences }: Rehearsal['files'][number]): string {
  if (invalidIndexes.length > 0) return `It leaves invalid indexes: ${invalidIndexes.join(', ')}.`
  return `Down and up again leave ${differences.length} differences, the first in ${differences[0]?.kind} ${differences[0]?.object}.`
}
