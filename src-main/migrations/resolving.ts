import { AtlasError } from '../errors.ts'
import { identifier, sql } from '../sql.ts'
import { runnerName } from './acquire.ts'
import { compareFolder, isPending, type Known } from './compare.ts'
import { findMigration, type MigrationsDependencies, placeOfSource } from './context.ts'
import {
  addEvent,
  historyText,
  keepLedgerRow,
  listHistory,
  removeLedgerRow,
  replaceLedgerText,
} from './eventSql.ts'
import { importLedger } from './importing.ts'
import { dropSql } from './leftovers.ts'
import type { Live } from './live.ts'
import { invalidIndexes } from './lockSql.ts'
import { versionKey } from './names.ts'
import { prepareMigration } from './prepare.ts'
import { withRunner } from './runner.ts'
import { ledgerKind, markStatement, upsertLedger } from './sql.ts'
import type { ForeignLedger, Source } from './state.contract.ts'

type Dependencies = Pick<MigrationsDependencies, 'db' | 'jobs' | 'environmentId' | 'folder'> & { live: Live }
type Versioned = Source & { version: string }

const shownEvents = 500
const neverCancelled = { signal: new AbortController().signal, report: () => {} }

/** What a person decides where ledger, folder and database do not agree; each decision is kept with its reason. */
export function createResolving({ db, jobs, environmentId, folder, live }: Dependencies) {
  const alone = <Result>(task: Parameters<typeof withRunner<Result>>[3]) =>
    withRunner(db, neverCancelled, live.observe, task)

  return {
    repair: async ({
      version,
      reason,
      statement,
      ...source
    }: Versioned & { reason: string; statement?: 'done' | 'again' }) => {
      const place = placeOfSource(folder, source)
      await alone((session) =>
        session.transaction(async (tx) => {
          const known = (await compareFolder(tx, place)).find(
            ({ migration }) => versionKey(migration.version) === versionKey(version),
          )
          if (!known) throw new AtlasError('NOT_FOUND', 'There is no such migration', { object: version })
          const { file, row, migration } = known
          if (!row) throw notNeeded(version)
          await keepLedgerRow(tx, place.project, row.version)
          if (migration.state === 'missing') await tx.run(removeLedgerRow(place.project, row.version))
          else if (row.outcome === 'partial' && statement) {
            const done = (row.statementsDone ?? 0) + (statement === 'done' ? 1 : 0)
            await tx.run(markStatement(place.project, row.version, done, null))
          } else if (file && ['edited', 'reformatted'].includes(migration.state)) {
            const { normalisedChecksum } = await prepareMigration(file)
            await tx.run(replaceLedgerText(place.project, row.version, { ...file, normalisedChecksum }))
          } else throw notNeeded(version)
          const text = file?.text ?? ''
          const { name, checksum } = migration
          const event = { version: row.version, name, checksum, text, durationMs: 0, detail: reason }
          await addEvent(tx, { ...event, project: place.project, action: 'repaired', doneFrom: runnerName })
        }),
      )
      return (await findMigration(db, place, version).catch(() => undefined))?.migration ?? null
    },

    baseline: async ({ version, ...source }: Versioned) => {
      const place = placeOfSource(folder, source)
      const recorded = await alone((session) =>
        session.transaction(async (tx) => {
          const known = await compareFolder(tx, place)
          if (!known.some(({ file }) => file && file.key === versionKey(version)))
            throw new AtlasError('NOT_FOUND', 'There is no such migration', { object: version })
          const chosen = known.filter((one) => isBelow(one, version))
          for (const { file } of chosen) {
            if (!file) continue
            const { normalisedChecksum } = await prepareMigration(file)
            const entry = { ...file, ...place, normalisedChecksum, appliedFrom: runnerName, durationMs: 0 }
            await tx.run(
              upsertLedger({ ...entry, outcome: 'baseline', isRepeatable: file.options.isRepeatable }),
            )
          }
          return chosen.length
        }),
      )
      return { recorded }
    },

    importLedger: async ({ tool, ...source }: Source & { tool: ForeignLedger['tool'] }) => {
      const place = placeOfSource(folder, source)
      const session = await db.session('migrations import')
      try {
        return await importLedger(session, place, tool)
      } finally {
        await session.close()
      }
    },

    history: async ({ version, ...source }: Source & { version?: string }) => {
      const ledger = await db.row(ledgerKind())
      if (ledger?.kind !== 'own') return []
      const { project } = placeOfSource(folder, source)
      return db.rows(listHistory(project, version ?? null, shownEvents, ledger.hasEvents))
    },

    historyText: async ({ version, eventId, ...source }: Versioned & { eventId: number | null }) => {
      const found = await db.row(historyText(placeOfSource(folder, source).project, version, eventId))
      if (!found) throw new AtlasError('NOT_FOUND', 'The history has no such text', { object: version })
      return found
    },

    invalidIndexes: async () =>
      (await db.rows(invalidIndexes())).map((index) => ({ ...index, sql: dropSql(index) })),

    dropInvalidIndex: async ({ schema, name }: { schema: string; name: string }) => {
      const isInvalid = (await db.rows(invalidIndexes())).some(
        (index) => index.schema === schema && index.name === name && !index.isBuilding,
      )
      if (!isInvalid) {
        throw new AtlasError('CONFLICT', 'There is no invalid index of this name that nobody builds', {
          object: `${schema}.${name}`,
          saved: 'Nothing was dropped.',
          next: 'Look again: it may be gone, or be built at this moment.',
        })
      }
      return jobs.start(
        { environmentId, title: 'Drop invalid index', link: '/migrations', isCancellable: true },
        async (job) => {
          await withRunner(db, job, live.observe, (session) =>
            session.run(sql`drop index concurrently if exists ${identifier(schema, name)}`),
          )
          return `${schema}.${name} dropped`
        },
      )
    },
  }
}

const isBelow = ({ migration, file }: Known, version: string) =>
  file !== undefined &&
  isPending(migration) &&
  migration.state !== 'partial' &&
  !file.options.isRepeatable &&
  file.key <= versionKey(version)

function notNeeded(version: string): AtlasError {
  return new AtlasError('CONFLICT', 'There is nothing to repair', {
    object: version,
    saved: 'Nothing was changed.',
    next: 'Only edited, missing and partial migrations can be repaired.',
  })
}
