import type { Queryable } from '../adapters/postgres.ts'
import { AtlasError } from '../errors.ts'
import { listFailures } from './eventSql.ts'
import { compareKeys, type MigrationFile, readMigrations } from './files.ts'
import { versionKey } from './names.ts'
import { isSameScript } from './prepare.ts'
import {
  appliedTexts,
  type LedgerRow,
  ledgerKind,
  listLedger,
  listOldLedger,
  oldAppliedTexts,
} from './sql.ts'
import type { Migration } from './state.contract.ts'

/** A migration as the folder and the ledger know it. */
export interface Known {
  migration: Migration
  file: MigrationFile | undefined
  row: LedgerRow | undefined
}

export interface Place {
  folder: string
  project: string
}

/** Sets the files of a folder beside the ledger of a database. Writes nothing: it works with read-only rights. */
export async function compareFolder(
  db: Pick<Queryable, 'rows' | 'row'>,
  { folder, project }: Place,
): Promise<Known[]> {
  const [files, found] = await Promise.all([readMigrations(folder), db.row(ledgerKind())])
  const kind = found?.kind ?? 'none'
  const ledger =
    kind === 'own'
      ? await db.rows(listLedger(project))
      : kind === 'old' && project === 'platform'
        ? await db.rows(listOldLedger())
        : []
  const failures = kind === 'own' && found?.hasEvents ? await db.rows(listFailures(project)) : []
  const rows = new Map(ledger.map((row) => [versionKey(row.version), row]))
  const changed = files.filter(({ key, checksum }) => (rows.get(key)?.checksum ?? checksum) !== checksum)
  const reformatted = await findReformatted(db, kind === 'own' ? project : undefined, changed, rows)
  const lastApplied = ledger.reduce((last, { version, isRepeatable }) => {
    const key = versionKey(version)
    return !isRepeatable && key > last ? key : last
  }, '')
  const failed = new Map(failures.map((failure) => [versionKey(failure.version), failure]))

  const fromFiles = files.map((file): Known => {
    const row = rows.get(file.key)
    const failure = row ? undefined : failed.get(file.key)
    const state = failure ? 'failed' : stateOf(file, row, lastApplied, reformatted.has(file.key))
    return { file, row, migration: describeMigration(file, file, row, state, failure?.detail ?? null) }
  })
  const keys = new Set(files.map(({ key }) => key))
  const gone = ledger
    .filter(({ version }) => !keys.has(versionKey(version)))
    .map(
      (row): Known => ({
        file: undefined,
        row,
        migration: describeMigration(row, undefined, row, 'missing'),
      }),
    )
  if (gone.length === 0) return fromFiles
  const order = ({ migration }: Known) => `${migration.isRepeatable ? 1 : 0}${versionKey(migration.version)}`
  return [...fromFiles, ...gone].sort((a, b) => compareKeys(order(a), order(b)))
}

export const isPending = ({ state }: Migration) =>
  ['pending', 'out of order', 'failed', 'changed', 'partial'].includes(state)

/** What stops an apply, with what resolves it. */
export function stopsOf(known: readonly Known[], allowOutOfOrder = false) {
  return known.flatMap(({ migration }) => {
    const { version, name, state, isRepeatable } = migration
    const next =
      state === 'out of order' && allowOutOfOrder
        ? undefined
        : state === 'missing' && isRepeatable
          ? undefined
          : remedies[state]?.replaceAll('VERSION', version)
    return next ? [{ version, name, state, next }] : []
  })
}

/** The files that a runner may apply now. Throws `MIGRATION_EDITED` where ledger and folder contradict each other. */
export function chooseFiles(
  known: readonly Known[],
  to: string | undefined,
  allowOutOfOrder = false,
): MigrationFile[] {
  const [stop, ...more] = stopsOf(known, allowOutOfOrder)
  if (stop) {
    throw new AtlasError('MIGRATION_EDITED', `Migration ${stop.version} ${reasons[stop.state]}`, {
      object: `${stop.version}_${stop.name}`,
      ...(more.length > 0 ? { detail: `So are ${more.map(({ version }) => version).join(', ')}.` } : {}),
      saved: 'Nothing was applied.',
      next: stop.next,
    })
  }
  const last = to === undefined ? undefined : versionKey(to)
  return known.flatMap(({ migration, file }) => {
    const isWanted =
      last === undefined || (file !== undefined && file.key <= last && !file.options.isRepeatable)
    if (!file || !isPending(migration) || !isWanted) return []
    // What was begun statement by statement goes on so, whatever the header says now.
    return migration.state === 'partial'
      ? [{ ...file, options: { ...file.options, isTransactional: false } }]
      : [file]
  })
}

const reasons: Partial<Record<Migration['state'], string>> = {
  edited: 'was edited after it was applied',
  missing: 'is applied, but its file is gone',
  'out of order': 'comes before one that is applied',
}

const remedies: Partial<Record<Migration['state'], string>> = {
  edited:
    'Restore the file and put the change into a new migration; or let the ledger take the new text: `migrate repair VERSION --reason …`.',
  missing: 'Restore the file; or take it out of the ledger: `migrate repair VERSION --reason …`.',
  'out of order': 'Give it the next free number; or apply it all the same: `migrate apply --out-of-order`.',
}

/** Those of the changed files that do what was applied: they differ in comments and white space alone. */
async function findReformatted(
  db: Pick<Queryable, 'rows'>,
  project: string | undefined,
  changed: readonly MigrationFile[],
  rows: ReadonlyMap<string, LedgerRow>,
): Promise<Set<string>> {
  if (changed.length === 0) return new Set()
  const versions = changed.flatMap(({ key }) => rows.get(key)?.version ?? [])
  const texts = project === undefined ? oldAppliedTexts(versions) : appliedTexts(project, versions)
  const applied = new Map((await db.rows(texts)).map(({ version, text }) => [versionKey(version), text]))
  const same = new Set<string>()
  for (const { key, text } of changed) {
    const before = applied.get(key)
    if (before !== undefined && (await isSameScript(before, text))) same.add(key)
  }
  return same
}

function stateOf(
  file: MigrationFile,
  row: LedgerRow | undefined,
  lastApplied: string,
  isReformatted: boolean,
): Migration['state'] {
  if (!row) return !file.options.isRepeatable && file.key < lastApplied ? 'out of order' : 'pending'
  const isSame = row.checksum === file.checksum
  if (!isSame && !isReformatted) return file.options.isRepeatable ? 'changed' : 'edited'
  if (row.outcome === 'partial') return 'partial'
  return isSame ? 'applied' : 'reformatted'
}

function describeMigration(
  { version, name, checksum }: { version: string; name: string; checksum: string },
  file: MigrationFile | undefined,
  row: LedgerRow | undefined,
  state: Migration['state'],
  failure: string | null = null,
): Migration {
  return {
    version,
    name,
    fileName: file?.fileName ?? null,
    state,
    checksum,
    appliedAt: row?.appliedAt ?? null,
    durationMs: row?.durationMs ?? null,
    appliedBy: row?.appliedBy ?? null,
    appliedFrom: row?.appliedFrom ?? null,
    outcome: row?.outcome ?? null,
    detail: row?.outcome === 'partial' ? partialDetail(row) : failure,
    isTransactional: file?.options.isTransactional ?? true,
    isRepeatable: file?.options.isRepeatable ?? row?.isRepeatable ?? false,
    hasDown: file?.down !== undefined,
    hasVerify: file?.verifyFileName !== undefined,
  }
}

function partialDetail({ statementsDone, statementStarted }: LedgerRow): string {
  const done = `${statementsDone ?? 0} statements are done`
  return statementStarted === null ? done : `${done}; statement ${statementStarted} was cut off`
}
