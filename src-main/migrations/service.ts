import type { ServiceOf } from '../contract.ts'
import { chooseFiles, compareFolder } from './compare.ts'
import { findMigration, type MigrationsDependencies, placeOfSource } from './context.ts'
import type { migrationsContract } from './contract.ts'
import { createLive } from './live.ts'
import { createPlacements } from './placements.ts'
import { createPlanning } from './planning.ts'
import { ensurePartitions, partitionUpkeepExists } from './planSql.ts'
import { createProving } from './proving.ts'
import { createResolving } from './resolving.ts'
import { createReverting } from './reverting.ts'
import { applyMigrations } from './runner.ts'
import { idleRunner } from './state.contract.ts'
import { createWriting } from './writing.ts'

/** The migrations of a folder and the ledger of a database: what is applied, what would run, and running it. */
export function createMigrations(dependencies: MigrationsDependencies): ServiceOf<typeof migrationsContract> {
  const { db, jobs, environmentId, folder, partitionHorizonMonths, verifyPlatform } = dependencies
  const live = createLive()

  return {
    ...createPlanning(dependencies),
    ...createPlacements(dependencies),
    ...createProving(dependencies),
    ...createWriting(dependencies),
    ...createResolving({ ...dependencies, live }),
    ...createReverting({ ...dependencies, live }),

    watch: async (_input, { signal }) => live.watch(signal),

    apply: async ({ to, allowOutOfOrder, ...source }) => {
      const place = placeOfSource(folder, source)
      if (to !== undefined) await findMigration(db, place, to)
      return jobs.start(
        { environmentId, title: 'Apply migrations', link: '/migrations', isCancellable: true },
        async (job) => {
          const observe = live.observe
          observe({ ...idleRunner, jobId: job.id, project: place.project })
          try {
            const applied = await applyMigrations(
              db,
              async (session) => chooseFiles(await compareFolder(session, place), to, allowOutOfOrder),
              job,
              { project: place.project, observe },
            )
            const outcome = applied.length === 0 ? 'Nothing was pending' : `${applied.length} applied`
            if (place.project !== 'platform') return outcome
            job.report({ detail: 'Making partitions for the months to come' })
            if ((await db.row(partitionUpkeepExists()))?.exists)
              await db.run(ensurePartitions(partitionHorizonMonths))
            if (applied.length === 0 || !verifyPlatform) return outcome
            job.report({ detail: 'Verifying the platform' })
            const { passed, failed, skipped } = await verifyPlatform()
            return `${outcome}; verification: ${passed} passed, ${failed} failed, ${skipped} skipped`
          } finally {
            observe(idleRunner)
          }
        },
      )
    },
  }
}
