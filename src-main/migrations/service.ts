import type { Database, Queryable } from '../adapters/postgres.ts'
import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import type { JobStarter } from '../jobs/contract.ts'
import type { Migration, migrationsContract } from './contract.ts'
import { type MigrationFile, readMigrations } from './files.ts'
import { planStatement } from './locks.ts'
import { applyMigrations } from './runner.ts'
import {
  appliedText,
  ensurePartitions,
  type LedgerRow,
  ledgerExists,
  listLedger,
  openTransactions,
  partitionUpkeepExists,
} from './sql.ts'

interface Dependencies {
  db: Database
  jobs: JobStarter
  environmentId: string
  folder: string
  partitionHorizonMonths: number
}

interface Known {
  migration: Migration
  file: MigrationFile | undefined
}

/** The migrations of a folder against the ledger of a database: what is applied, what would run, and running it. */
export function createMigrations({
  db,
  jobs,
  environmentId,
  folder,
  partitionHorizonMonths,
}: Dependencies): ServiceOf<typeof migrationsContract> {
  async function compare(on: Pick<Queryable, 'rows' | 'row'>): Promise<Known[]> {
    const files = await readMigrations(folder)
    const hasLedger = (await on.row(ledgerExists()))?.exists ?? false
    return compareWithLedger(files, hasLedger ? await on.rows(listLedger()) : [])
  }

  const findVersion = async (version: string) => {
    const known = (await compare(db)).find(({ migration }) => migration.version === version)
    if (!known) throw new AtlasError('NOT_FOUND', 'There is no such migration', { object: version })
    return known
  }

  return {
    status: async () => {
      const migrations = (await compare(db)).map(({ migration }) => migration)
      return { migrations, pending: migrations.filter(isPending).length }
    },

    plan: async () => {
      const [known, transactions] = await Promise.all([compare(db), db.rows(openTransactions())])
      const files = known.flatMap(({ migration, file }) =>
        file && isPending(migration)
          ? [
              {
                version: file.version,
                name: file.name,
                sizeBytes: Buffer.byteLength(file.text),
                statements: file.statements.map(planStatement),
              },
            ]
          : [],
      )
      return { files, transactions }
    },

    describe: async ({ version }) => {
      const { migration, file } = await findVersion(version)
      const applied = migration.appliedAt ? await db.row(appliedText(version)) : undefined
      return { migration, fileText: file?.text ?? null, appliedText: applied?.text ?? null }
    },

    apply: async ({ to }) => {
      if (to !== undefined) await findVersion(to)
      return jobs.start(
        { environmentId, title: 'Apply migrations', link: '/migrations', isCancellable: true },
        async (job) => {
          const applied = await applyMigrations(
            db,
            async (session) => chooseFiles(await compare(session), to),
            job,
          )
          job.report({ detail: 'Making partitions for the months to come' })
          if ((await db.row(partitionUpkeepExists()))?.exists)
            await db.run(ensurePartitions(partitionHorizonMonths))
          return applied.length === 0 ? 'Nothing was pending' : `${applied.length} applied`
        },
      )
    },
  }
}

const isPending = ({ state }: Migration) => state === 'pending' || state === 'out of order'

/** The files that a runner may apply now; throws where the ledger and the folder contradict each other. */
function chooseFiles(known: Known[], to: string | undefined): MigrationFile[] {
  const stop = known.find(({ migration }) => ['edited', 'missing', 'out of order'].includes(migration.state))
  if (stop) {
    const { version, name, state } = stop.migration
    const why = {
      edited: ['was edited after it was applied', 'Restore the file; put the change into a new migration.'],
      missing: ['is applied, but its file is gone', 'Restore the file.'],
      'out of order': ['comes before one that is applied', 'Renumber it after the last one.'],
    }[state as 'edited' | 'missing' | 'out of order']
    throw new AtlasError('MIGRATION_EDITED', `${version}_${name} ${why[0]}`, {
      object: `${version}_${name}.sql`,
      saved: 'Nothing was applied.',
      next: why[1],
    })
  }
  return known.flatMap(({ migration, file }) =>
    file && isPending(migration) && (to === undefined || Number(file.version) <= Number(to)) ? [file] : [],
  )
}

/** Pure: the state of every version that either side knows. */
export function compareWithLedger(files: MigrationFile[], ledger: LedgerRow[]): Known[] {
  const rows = new Map(ledger.map((row) => [row.version, row]))
  const lastApplied = Math.max(0, ...ledger.map(({ version }) => Number(version)))
  const fromFiles = files.map((file): Known => {
    const row = rows.get(file.version)
    return { file, migration: describeMigration(file, row, stateOf(file, row, lastApplied)) }
  })
  const versions = new Set(files.map(({ version }) => version))
  const gone = ledger
    .filter(({ version }) => !versions.has(version))
    .map((row): Known => ({ file: undefined, migration: describeMigration(row, row, 'missing') }))
  return [...fromFiles, ...gone].sort((a, b) => Number(a.migration.version) - Number(b.migration.version))
}

function stateOf(file: MigrationFile, row: LedgerRow | undefined, lastApplied: number): Migration['state'] {
  if (!row) return Number(file.version) < lastApplied ? 'out of order' : 'pending'
  if (row.checksum === file.checksum) return 'applied'
  return row.normalisedChecksum === file.normalisedChecksum ? 'reformatted' : 'edited'
}

function describeMigration(
  { version, name, checksum }: { version: string; name: string; checksum: string },
  row: LedgerRow | undefined,
  state: Migration['state'],
): Migration {
  return {
    version,
    name,
    state,
    checksum,
    appliedAt: row?.appliedAt ?? null,
    durationMs: row?.durationMs ?? null,
    appliedBy: row?.appliedBy ?? null,
  }
}
