import type { Queryable } from '../adapters/postgres.ts'
import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import type { auditContract } from './contract.ts'
import { auditExists, countByHour, listEntries, verifyChain } from './sql.ts'

/** The audit log: who changed what, and whether anybody bent it. */
export function createAudit({
  db,
}: {
  db: Pick<Queryable, 'rows' | 'row'>
}): ServiceOf<typeof auditContract> {
  async function requireLog() {
    if ((await db.row(auditExists()))?.exists) return
    throw new AtlasError('PLATFORM_NOT_DEPLOYED', 'There is no audit log on this database yet', {
      object: 'compliance.audit_log',
      saved: 'Nothing was changed.',
      next: 'Deploy the platform on the overview, or with `atlas-desktop migrate apply`.',
    })
  }

  return {
    list: async (filter) => {
      await requireLog()
      return db.rows(listEntries(filter))
    },
    heatmap: async (window) => {
      await requireLog()
      return db.rows(countByHour(window))
    },
    verify: async ({ from, to }) => {
      await requireLog()
      const begun = performance.now()
      const result = await db.row(verifyChain(from, to))
      if (!result) throw new Error('The chain was not verified')
      const { isIntact, checkedEntries, sequence, kind, detail } = result
      return {
        isIntact,
        checkedEntries,
        durationMs: performance.now() - begun,
        firstBad: isIntact ? null : { sequence, kind: kind ?? 'unknown', detail: detail ?? '' },
      }
    },
  }
}
