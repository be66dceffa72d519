import { create } from 'zustand'
import type { Benchmark } from '../../src-main/console/benchmarkContract.ts'
import type { ParameterValue } from '../../src-main/console/statementContract.ts'
import { client } from '../rpc/client.ts'
import type { RunTarget } from '../ui/SqlEditor.tsx'
import { sourceOf } from './texts.ts'

interface Measured {
  at: Date
  benchmark?: Benchmark
  error?: unknown
}

/** What was measured last in each tab. */
export const useBenchmarks = create<Record<string, Measured | undefined>>(() => ({}))

/** Measures the statement at the cursor. */
export async function measure(
  id: string,
  target: RunTarget,
  runs: number,
  parameters: Record<string, ParameterValue>,
): Promise<void> {
  const at = new Date()
  try {
    const source = await sourceOf(id)
    const benchmark = await client.console.benchmark({
      sessionId: id,
      ...source,
      ...target,
      runs,
      parameters,
    })
    useBenchmarks.setState({ [id]: { at, benchmark } })
  } catch (error) {
    useBenchmarks.setState({ [id]: { at, error } })
  }
}
