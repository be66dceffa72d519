import { z } from 'zod'
import type { Session } from '../adapters/postgres.ts'
import { AtlasError } from '../errors.ts'
import { query, sql, trustedStatement } from '../sql.ts'
import { parseStatements } from '../sqlParse.ts'
import type { Plan } from './explainContract.ts'
import { readPlan } from './plan.ts'
import { rolledBack, type TabPlace } from './rolledBack.ts'

const documents = z.object({ 'QUERY PLAN': z.unknown() })

/** Explains one statement, without an EXPLAIN of its own. What an analyzed one does is rolled back. */
export async function explainStatement(
  session: Pick<Session, 'run' | 'row'>,
  text: string,
  { isAnalyzed, isOpen, guard }: TabPlace & { isAnalyzed: boolean },
): Promise<Plan> {
  const [parsed] = await parseStatements(text).catch(() => [])
  if (parsed?.kind === 'TransactionStmt') {
    throw new AtlasError('UNSUPPORTED', 'This statement has no plan', { saved: 'Nothing was run.' })
  }
  const statement = parsed?.kind === 'ExplainStmt' ? withoutExplain(text) : text
  const options = trustedStatement(
    isAnalyzed
      ? '(analyze, verbose, buffers, wal, settings, format json)'
      : '(verbose, settings, format json)',
  )
  return rolledBack(session, { isOpen, guard }, async () => {
    const answer = await session.row(query(documents, sql`explain ${options} ${trustedStatement(statement)}`))
    return readPlan(answer?.['QUERY PLAN'], statement)
  })
}

/** The statement behind `explain (…)` or `explain analyze verbose`. */
function withoutExplain(text: string): string {
  return text.replace(
    /^(?:\s|--[^\n]*\n|\/\*.*?\*\/)*explain\s*(?:\([^)]*\)|(?:analyze|verbose|\s)*)\s*/is,
    '',
  )
}
