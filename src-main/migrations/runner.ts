import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Database, Session } from '../adapters/postgres.ts'
import { AtlasError } from '../errors.ts'
import type { JobControl } from '../jobs/contract.ts'
import { sql, trustedStatement } from '../sql.ts'
import { placeOf } from '../sqlText.ts'
import type { MigrationFile } from './files.ts'
import { createLedger, insertLedger, lockHolder, setLockTimeout, tryLock } from './sql.ts'

const lockTimeoutMs = 5000
const holderPollMs = 500

/**
 * Applies files one after the other, each with its ledger row in one transaction. Only one runner works on a database:
 * the lock is held by a session of its own that is idle otherwise, and the waiting runner says who holds it.
 * `choose` is asked under the lock, so it sees what another runner has just applied.
 */
export async function applyMigrations(
  db: Pick<Database, 'session' | 'interruptible'>,
  choose: (session: Session) => Promise<MigrationFile[]>,
  job: Pick<JobControl, 'signal' | 'report'>,
): Promise<MigrationFile[]> {
  const lock = await db.session('migrations lock')
  const session = await db.session('migrations')
  try {
    await acquire(lock, job)
    await refusePooler(lock)
    return await db.interruptible(session, job.signal, async () => {
      await session.run(createLedger())
      const files = await choose(session)
      const total = files.reduce((sum, { statements }) => sum + statements.length, 0)
      let done = 0
      for (const file of files) {
        job.signal.throwIfAborted()
        await applyFile(session, file, (statements) => {
          const place = `${file.fileName}: statement ${statements} of ${file.statements.length}`
          job.report({ detail: place, progress: (done + statements) / Math.max(total, 1) })
        })
        done += file.statements.length
      }
      return files
    })
  } finally {
    await session.close()
    await lock.close()
  }
}

async function acquire(lock: Session, job: Pick<JobControl, 'signal' | 'report'>) {
  while (!(await lock.row(tryLock()))?.isHeld) {
    job.signal.throwIfAborted()
    const holder = await lock.row(lockHolder())
    if (holder) {
      const age = `${Math.round(holder.ageSeconds)} s`
      job.report({
        detail: `Another runner is at work: ${holder.application} from ${holder.address}, process ${holder.processId}, since ${age}`,
      })
    }
    await sleep(holderPollMs, undefined, { signal: job.signal })
  }
}

/** Behind a transaction pooler a session lock belongs to whoever gets the connection next. */
async function refusePooler(lock: Session) {
  const first = await lock.client.query('select pg_backend_pid() as pid')
  if (Number(first.rows[0]?.pid) === lock.processId) return
  throw new AtlasError('UNSUPPORTED', 'This address is a connection pooler', {
    saved: 'Nothing was applied.',
    next: 'Give the address of PostgreSQL itself: the lock of the runner belongs to a session, and a pooler shares them.',
  })
}

async function applyFile(session: Session, file: MigrationFile, report: (statements: number) => void) {
  const begun = performance.now()
  let at = 0
  try {
    await session.transaction(async (tx) => {
      await tx.run(setLockTimeout(lockTimeoutMs))
      for (const [index, statement] of file.statements.entries()) {
        at = index
        // A report for each would cost more than the statements: they are mostly comments on columns.
        if (index % 25 === 0) report(index)
        await tx.run(trustedStatement(statement.text))
      }
      at = file.statements.length
      await tx.run(sql`reset lock_timeout`)
      const durationMs = Math.round(performance.now() - begun)
      await tx.run(insertLedger({ ...file, durationMs, appliedFrom: `${hostname()} ${process.pid}` }))
    })
    report(file.statements.length)
  } catch (error) {
    throw explain(error, file, at)
  }
}

function explain(error: unknown, file: MigrationFile, index: number): unknown {
  if (!(error instanceof AtlasError)) return error
  const statement = file.statements[index]
  const offset = statement ? statement.start + (error.fault.position ?? 1) - 1 : 0
  const place = statement ? placeOf(file.text, offset) : undefined
  return new AtlasError(
    'MIGRATION_FAILED',
    error.message,
    {
      ...error.fault,
      object: place ? `${file.fileName}:${place.line}:${place.column}` : file.fileName,
      detail: [`Statement ${index + 1} of ${file.statements.length}.`, error.fault.detail]
        .filter(Boolean)
        .join(' '),
      saved: 'This file was rolled back whole; the files before it stay applied.',
      next:
        error.code === 'LOCK_TIMEOUT'
          ? 'Another transaction holds the table. Look at the plan for who, then apply again.'
          : 'Correct the file and apply again.',
    },
    { cause: error },
  )
}
