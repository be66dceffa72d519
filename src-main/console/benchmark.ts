import type { Session } from '../adapters/postgres.ts'
import type { sendStatement } from '../adapters/statement.ts'
import { AtlasError } from '../errors.ts'
import { parseStatements } from '../sqlParse.ts'
import type { Benchmark } from './benchmarkContract.ts'
import { rolledBack, type TabPlace } from './rolledBack.ts'
import type { Runnable } from './script.ts'

// What a rollback takes back, and what runs in a transaction at all.
const measurable = new Set(['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt'])

interface BenchmarkOptions extends TabPlace {
  runs: number
  send: typeof sendStatement
  signal: AbortSignal
}

/** Measures one statement. Throws `UNSUPPORTED` for what is none that can be rolled back, and what the server says. */
export async function benchmarkStatement(
  session: Session,
  statements: Runnable[],
  { runs, send, signal, ...place }: BenchmarkOptions,
): Promise<Benchmark> {
  const [statement] = statements
  const text = statement?.sent ?? statement?.text ?? ''
  const parsed = await parseStatements(text).catch(() => [])
  if (statements.length !== 1 || (parsed[0] && !measurable.has(parsed[0].kind))) {
    throw new AtlasError('UNSUPPORTED', 'Only one SELECT, INSERT, UPDATE, DELETE or MERGE is measured', {
      saved: 'Nothing was run.',
      next: 'Put the cursor into one.',
    })
  }
  const durationsMs: number[] = []
  try {
    while (durationsMs.length < runs && !signal.aborted) {
      await rolledBack(session, place, async () => {
        const begun = performance.now()
        await send(session, text, { values: statement?.values, onFields: () => undefined })
        durationsMs.push(performance.now() - begun)
      })
    }
  } catch (error) {
    if (!signal.aborted || durationsMs.length === 0) throw error
  }
  return {
    statement: statement?.text.slice(0, 500) ?? '',
    ...figuresOf(durationsMs),
    durationsMs,
    isCancelled: durationsMs.length < runs,
  }
}

/** Percentiles by the nearest rank: each is a time that was measured. */
function figuresOf(durationsMs: readonly number[]) {
  const sorted = [...durationsMs].sort((one, other) => one - other)
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
  return {
    minMs: rank(0),
    p50Ms: rank(0.5),
    p90Ms: rank(0.9),
    p99Ms: rank(0.99),
    maxMs: rank(1),
    meanMs: sorted.reduce((sum, one) => sum + one, 0) / Math.max(1, sorted.length),
  }
}
