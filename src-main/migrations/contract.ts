import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { contract } from '../contract.ts'
import { startedJobSchema } from '../jobs/contract.ts'
import {
  driftSchema,
  findingSchema,
  planSchema,
  rehearsalSchema,
  revertPlanSchema,
} from './report.contract.ts'
import {
  foreignLedgerSchema,
  migrationSchema,
  placementSchema,
  runnerStateSchema,
  sourceSchema,
} from './state.contract.ts'

const versioned = sourceSchema.extend({ version: z.string() })

export const templateNames = [
  'empty',
  'create table',
  'add column',
  'index concurrently',
  'foreign key',
  'not null',
  'backfill',
] as const

export const historyEntrySchema = z.object({
  /** Of what the ledger holds now, null. */
  eventId: z.number().nullable(),
  version: z.string(),
  name: z.string(),
  /** `applied`, `reverted`, `repaired`, `failed`. */
  action: z.string(),
  checksum: z.string(),
  detail: z.string().nullable(),
  by: z.string(),
  from: z.string(),
  application: z.string(),
  at: z.date(),
  durationMs: z.number(),
})

export type HistoryEntry = z.infer<typeof historyEntrySchema>

export const migrationsContract = {
  status: contract
    .route({ method: 'GET', path: '/migrations' })
    .input(sourceSchema.optional())
    .output(
      z.object({
        project: z.string(),
        folder: z.string(),
        migrations: z.array(migrationSchema),
        pending: z.number().int(),
        /** Ledgers of other tools that are not imported yet. */
        foreign: z.array(foreignLedgerSchema),
      }),
    ),
  /** How far these migrations are in each environment: connects to all of them, for a moment. */
  placements: contract
    .route({ method: 'GET', path: '/migrations/placements' })
    .input(sourceSchema.optional())
    .output(z.array(placementSchema)),
  /** What would run, file by file, and what stands in the way now. Runs nothing. */
  plan: contract
    .route({ method: 'GET', path: '/migrations/plan' })
    .input(sourceSchema.optional())
    .output(planSchema),
  exportPlan: contract
    .route({ method: 'GET', path: '/migrations/plan/export' })
    .input(sourceSchema.extend({ format: z.enum(['markdown', 'json']) }))
    .output(z.object({ fileName: z.string(), text: z.string() })),
  /** Every migration with those whose tables it needs: the graph of their order. */
  order: contract
    .route({ method: 'GET', path: '/migrations/order' })
    .input(sourceSchema.optional())
    .output(z.array(z.object({ version: z.string(), dependsOn: z.array(z.string()) }))),
  describe: contract
    .route({ method: 'GET', path: '/migrations/{version}' })
    .input(versioned)
    .output(
      z.object({
        migration: migrationSchema,
        /** Null where the file is gone, or the version was never applied. */
        fileText: z.string().nullable(),
        appliedText: z.string().nullable(),
        downText: z.string().nullable(),
        verifyText: z.string().nullable(),
      }),
    ),
  /** Applies what is pending, up to `to`. Answers at once with the job that does it. */
  apply: contract
    .route({ method: 'POST', path: '/migrations/apply' })
    .input(sourceSchema.extend({ to: z.string().optional(), allowOutOfOrder: z.boolean().optional() }))
    .output(startedJobSchema),
  /** What the runner of this Atlas does, now and after every change. */
  watch: contract.output(eventIterator(runnerStateSchema)),
  /** Findings in the files that are pending, or in one file. */
  lint: contract
    .route({ method: 'GET', path: '/migrations/lint' })
    .input(sourceSchema.extend({ version: z.string().optional() }))
    .output(z.array(z.object({ fileName: z.string(), findings: z.array(findingSchema) }))),
  /** Findings in a text that is being written. */
  lintText: contract
    .route({ method: 'POST', path: '/migrations/lint' })
    .input(
      sourceSchema.extend({
        text: z.string(),
        /** The file that it will be: what pending files before it make is new to it. */
        version: z.string().optional(),
      }),
    )
    .output(z.array(findingSchema)),
  /** Applies, proves, reverts and applies again what is pending, in a throw-away copy of the schema. */
  rehearse: contract
    .route({ method: 'POST', path: '/migrations/rehearse' })
    .input(sourceSchema)
    .output(startedJobSchema),
  /** The newest rehearsal of this session. */
  rehearsal: contract
    .route({ method: 'GET', path: '/migrations/rehearsal' })
    .input(sourceSchema.optional())
    .output(rehearsalSchema.nullable()),
  /** Compares what the ledger makes in an empty database with what is there. */
  checkDrift: contract
    .route({ method: 'POST', path: '/migrations/drift' })
    .input(sourceSchema)
    .output(startedJobSchema),
  drift: contract.route({ method: 'GET', path: '/migrations/drift' }).output(driftSchema.nullable()),
  /** What taking back the newest migration, or this one, would do and lose. */
  planRevert: contract
    .route({ method: 'GET', path: '/migrations/{version}/revert' })
    .input(versioned)
    .output(revertPlanSchema),
  /** Throws `CONFIRMATION_NEEDED` where rows are lost and `isLossAccepted` is not said. */
  revert: contract
    .route({ method: 'POST', path: '/migrations/{version}/revert' })
    .input(versioned.extend({ isLossAccepted: z.boolean().optional() }))
    .output(startedJobSchema),
  /**
   * Resolves what stops everything, with a reason that the ledger keeps. An edited one: the ledger takes the text of the
   * file. A missing one: it leaves the ledger. A partial one: the statement that was begun counts as done, or runs again.
   */
  repair: contract
    .route({ method: 'POST', path: '/migrations/{version}/repair' })
    .input(
      versioned.extend({
        reason: z.string().trim().min(1),
        statement: z.enum(['done', 'again']).optional(),
      }),
    )
    .output(migrationSchema.nullable()),
  /** Takes everything up to a version as applied, without running it. */
  baseline: contract
    .route({ method: 'POST', path: '/migrations/baseline' })
    .input(versioned)
    .output(z.object({ recorded: z.number().int() })),
  /** Takes over what the ledger of another tool says is applied. */
  importLedger: contract
    .route({ method: 'POST', path: '/migrations/import' })
    .input(sourceSchema.extend({ tool: foreignLedgerSchema.shape.tool }))
    .output(z.object({ recorded: z.number().int(), warnings: z.array(z.string()) })),
  history: contract
    .route({ method: 'GET', path: '/migrations/history' })
    .input(sourceSchema.extend({ version: z.string().optional() }))
    .output(z.array(historyEntrySchema)),
  /** The text of a point of the history; `eventId` null for what the ledger holds. */
  historyText: contract
    .route({ method: 'GET', path: '/migrations/history/text' })
    .input(versioned.extend({ eventId: z.number().nullable() }))
    .output(z.object({ text: z.string() })),
  /** Indexes that an interrupted build left behind, each with what removes it. */
  invalidIndexes: contract.route({ method: 'GET', path: '/migrations/invalid-indexes' }).output(
    z.array(
      z.object({
        schema: z.string(),
        name: z.string(),
        table: z.string(),
        sizeBytes: z.number(),
        isBuilding: z.boolean(),
        sql: z.string(),
      }),
    ),
  ),
  dropInvalidIndex: contract
    .route({ method: 'POST', path: '/migrations/invalid-indexes/drop' })
    .input(z.object({ schema: z.string(), name: z.string() }))
    .output(startedJobSchema),
  /** Writes the next file of a folder, from a template or with a text, and with a way back where one is given. */
  createFile: contract
    .route({ method: 'POST', path: '/migrations' })
    .input(
      sourceSchema.extend({
        name: z.string().trim().min(1).max(100),
        template: z.enum(templateNames).optional(),
        text: z.string().optional(),
        downText: z.string().optional(),
      }),
    )
    .output(z.object({ version: z.string(), fileName: z.string(), path: z.string() })),
  /** Saves a file that is not applied yet. Throws `CONFLICT` where it is no longer the text that was read. */
  saveFile: contract
    .route({ method: 'PUT', path: '/migrations/{version}' })
    .input(versioned.extend({ text: z.string(), checksum: z.string() }))
    .output(z.object({ checksum: z.string() })),
}
