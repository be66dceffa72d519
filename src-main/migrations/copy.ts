import type { Session } from '../adapters/postgres.ts'
import { AtlasError } from '../errors.ts'
import type { JobControl } from '../jobs/contract.ts'
import { sql, trustedStatement } from '../sql.ts'
import type { CatalogueObject } from './context.ts'
import { resetSession } from './lockSql.ts'

/** What a copy needs no more than the server lets its owner have: of a failure here only the name is kept. */
const dispensable = new Set(['publication', 'event trigger', 'settings', 'default privileges'])

/**
 * Makes the schema of a database anew in an empty one, for a database that no ledger can make. Answers what was left
 * out: owners and privileges of roles that are not there, and what needs rights that the copy's owner has not. Throws
 * `MIGRATION_FAILED` naming the object that cannot be made.
 */
export async function copyCatalogue(
  session: Session,
  objects: readonly CatalogueObject[],
  job: Pick<JobControl, 'signal' | 'report'>,
): Promise<{ leftOut: string[] }> {
  const leftOut: string[] = []
  const send = (statements: readonly string[]) => session.runTogether(statements.map(trustedStatement))
  const attempt = async (statements: readonly string[], what: string) => {
    if (statements.length === 0) return
    await send(statements).catch((error) => {
      job.signal.throwIfAborted()
      leftOut.push(`${what}: ${(error as Error).message}`)
    })
  }
  // A body may name what comes later.
  await session.run(sql`set check_function_bodies = off`)
  for (const [index, { kind, name, statements }] of objects.entries()) {
    job.signal.throwIfAborted()
    if (index % 100 === 0)
      job.report({ detail: `Copying the schema: ${name}`, progress: (index / objects.length) * 0.4 })
    if (dispensable.has(kind)) await attempt(statements, `${kind} ${name}`)
    else if (statements.length > 0) {
      await send(statements).catch((error) => {
        throw notCopied(error, `${kind} ${name}`)
      })
    }
  }
  for (const { kind, name, comments, grants } of objects) {
    await attempt(comments, `comments on ${kind} ${name}`)
    await attempt(grants, `owner and privileges of ${kind} ${name}`)
  }
  await session.run(resetSession())
  return { leftOut }
}

function notCopied(error: unknown, object: string): unknown {
  if (!(error instanceof AtlasError)) return error
  return new AtlasError('MIGRATION_FAILED', `The schema cannot be copied: ${error.message}`, {
    ...error.fault,
    object,
    saved: 'Only the throw-away database was touched.',
    next: 'The copy is made by the user of the environment: check that it may make such an object.',
  })
}
