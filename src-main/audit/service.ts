import type { Database } from '../adapters/postgres.ts'
import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import type { JobStarter } from '../jobs/contract.ts'
import type { auditContract, Verification } from './contract.ts'
import { startExport } from './export.ts'
import { readPage, readPlace } from './search.ts'
import { countByHour, logAccess } from './sql.ts'
import { followLog } from './tail.ts'
import { verifySlices } from './verification.ts'

interface Dependencies {
  db: Pick<Database, 'rows' | 'row' | 'session' | 'interruptible'>
  jobs: JobStarter
  environmentId: string
}

/** The audit log: who changed what, and whether anybody bent it. */
export function createAudit({ db, jobs, environmentId }: Dependencies): ServiceOf<typeof auditContract> {
  let lastVerification: Verification | null = null

  /** Whether personal values are masked for this role. Throws where there is no log. */
  async function open(): Promise<boolean> {
    const access = await db.row(logAccess())
    if (access?.isThere) return access.isMasked
    throw new AtlasError('PLATFORM_NOT_DEPLOYED', 'There is no audit log on this database yet', {
      object: 'compliance.audit_log',
      saved: 'Nothing was changed.',
      next: 'Deploy the platform on the overview, or with `atlas-desktop migrate apply`.',
    })
  }

  return {
    list: async ({ before, limit, ...filter }) => {
      const isMasked = await open()
      return { ...(await readPage(db, filter, { before: readPlace(before), limit, isMasked })), isMasked }
    },
    heatmap: async (filter) => db.rows(countByHour(filter, await open())),
    watch: async (filter, { signal }) => followLog(db, filter, await open(), signal),
    export: async (request) => startExport({ db, jobs, environmentId }, request, await open()),
    verify: async () => {
      await open()
      return jobs.start(
        { environmentId, title: 'Verify the audit chain', link: '/audit', isCancellable: true },
        async (job) => {
          lastVerification = await verifySlices(db, job)
          const { isIntact, checkedEntries, firstBad } = lastVerification
          if (isIntact) return `Intact: ${checkedEntries.toLocaleString('en')} entries`
          const where = firstBad?.sequence == null ? '' : ` at entry ${firstBad.sequence}`
          return `Broken${where}: ${firstBad?.kind}, ${firstBad?.detail}`
        },
      )
    },
    lastVerification: async () => lastVerification,
  }
}
