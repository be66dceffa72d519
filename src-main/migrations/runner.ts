import type { Database, Session } from '../adapters/postgres.ts'
import { AtlasError } from '../errors.ts'
import type { JobControl } from '../jobs/contract.ts'
import { acquireRunner } from './acquire.ts'
import { applyStatements } from './applyStatements.ts'
import { applyInTransaction } from './applyTransaction.ts'
import { recordFailure } from './failure.ts'
import type { MigrationFile } from './files.ts'
import { flushCommits, resetSession, setCommitWait, setTimeouts, watchClient } from './lockSql.ts'
import { type PreparedMigration, prepareMigration } from './prepare.ts'
import { followRun } from './progress.ts'
import { createLedger, ledgerKind } from './sql.ts'
import type { RunnerState } from './state.contract.ts'
import type { Work, WorkSettings } from './work.ts'

export interface RunnerOptions {
  /** Whose migrations they are; the platform's unless said otherwise. */
  project?: string
  /** Hears what is being done. */
  observe?: (change: Partial<RunnerState>) => void
}

type Job = Pick<JobControl, 'signal' | 'report'>

/**
 * Applies files one after the other, each with its ledger row in one transaction, or statement by statement where the
 * file asks for that. Only one runner works on a database. `choose` is asked under its lock, so it sees what another
 * runner has just applied. All files are read and cut before the first is run.
 */
export async function applyMigrations(
  db: Pick<Database, 'session' | 'interruptible' | 'row'>,
  choose: (session: Session) => Promise<MigrationFile[]>,
  job: Job,
  { project = 'platform', observe = () => {} }: RunnerOptions = {},
): Promise<MigrationFile[]> {
  return withRunner(db, job, observe, async (session) => {
    const prepared: PreparedMigration[] = []
    for (const file of await choose(session)) prepared.push(await prepareMigration(file))
    if (prepared.length === 0) return []
    const progress = followRun(db, session, job, observe, prepared)
    const work = { session, project, signal: job.signal, progress, ...rememberSettings(session) }
    try {
      for (const migration of prepared) {
        job.signal.throwIfAborted()
        await applyOne(work, migration)
        progress.end()
        if (migration.statements.some(({ text }) => changesSession.test(text))) await work.reset()
      }
      await work.flush()
    } catch (error) {
      // What was applied before stays applied; that it is on disk is worth a try, and no second error.
      await work.flush().catch(() => {})
      throw error
    } finally {
      progress.stop()
    }
    return prepared.map(({ file }) => file)
  })
}

async function applyOne(work: Work, migration: PreparedMigration): Promise<void> {
  try {
    if (migration.file.options.isTransactional) await applyInTransaction(work, migration)
    else await applyStatements(work, migration)
  } catch (error) {
    await recordFailure(work, migration, error)
    throw error
  }
}

/** Does `task` as the one runner of the database, with the ledger in place; a cancel reaches what the session runs. */
export async function withRunner<Result>(
  db: Pick<Database, 'session' | 'interruptible'>,
  job: Job,
  observe: (change: Partial<RunnerState>) => void,
  task: (session: Session) => Promise<Result>,
): Promise<Result> {
  const runner = await acquireRunner(db, job, observe)
  try {
    return await db.interruptible(runner.session, job.signal, async () => {
      const kind = (await runner.session.row(ledgerKind()))?.kind
      if (kind === 'foreign') throw foreignLedger()
      if (kind !== 'own') await runner.session.run(createLedger())
      return await task(runner.session)
    })
  } finally {
    await runner.close()
  }
}

// What a file leaves set would be set for the next one.
const changesSession = /^(set|reset|discard|do|load)\b|^select\s[\s\S]*set_config/i

function rememberSettings(session: Session) {
  let timeouts = ''
  let waits = true
  let isFlushed = true
  return {
    configure: async ({ lockTimeoutMs, statementTimeoutMs, commitsWait }: WorkSettings) => {
      const wanted = `${lockTimeoutMs} ${statementTimeoutMs}`
      if (wanted !== timeouts) await session.run(setTimeouts(lockTimeoutMs, statementTimeoutMs))
      timeouts = wanted
      if (commitsWait !== waits) await session.run(setCommitWait(commitsWait))
      waits = commitsWait
      isFlushed &&= commitsWait
    },
    flush: async () => {
      if (isFlushed) return
      await session.run(flushCommits()).catch((error) => {
        throw unflushed(error)
      })
      isFlushed = true
    },
    reset: async () => {
      await session.run(resetSession())
      await session.run(watchClient()).catch(() => 0)
      ;[timeouts, waits] = ['', true]
    },
  }
}

function unflushed(cause: unknown): unknown {
  if (!(cause instanceof AtlasError)) return cause
  return new AtlasError(
    cause.code,
    cause.message,
    {
      ...cause.fault,
      saved: 'All files were applied, but the server did not say that they are on disk.',
      next: 'Apply again: the ledger says what was kept.',
    },
    { cause },
  )
}

function foreignLedger(): AtlasError {
  return new AtlasError('CONFLICT', 'Another tool keeps its ledger in public.schema_migrations', {
    object: 'public.schema_migrations',
    saved: 'Nothing was applied.',
    next: 'Import it first: `migrate baseline --import dbmate`. It is kept under another name.',
  })
}
