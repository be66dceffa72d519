import { create } from 'zustand'
import type { Plan } from '../../src-main/console/explainContract.ts'
import { client } from '../rpc/client.ts'
import type { RunTarget } from '../ui/SqlEditor.tsx'
import { sourceOf } from './texts.ts'

export interface KeptPlan {
  id: number
  at: Date
  plan: Plan
}

interface Plans {
  /** The plans of each tab, newest first. */
  plans: Record<string, KeptPlan[]>
  waiting: Record<string, boolean>
  errors: Record<string, unknown>
}

const kept = 10
let next = 1

/** The plans that were asked for, by tab. */
export const usePlans = create<Plans>(() => ({ plans: {}, waiting: {}, errors: {} }))

/** Asks for the plan of the statement at the cursor. Analyzed, it is run and rolled back. */
export async function explain(id: string, target: RunTarget, isAnalyzed: boolean): Promise<void> {
  usePlans.setState(({ waiting, errors }) => ({
    waiting: { ...waiting, [id]: true },
    errors: { ...errors, [id]: undefined },
  }))
  try {
    const source = await sourceOf(id)
    const plan = await client.console.explain({ sessionId: id, ...source, ...target, isAnalyzed })
    usePlans.setState(({ plans }) => ({
      plans: { ...plans, [id]: [{ id: next++, at: new Date(), plan }, ...(plans[id] ?? [])].slice(0, kept) },
    }))
  } catch (error) {
    usePlans.setState(({ errors }) => ({ errors: { ...errors, [id]: error } }))
  } finally {
    usePlans.setState(({ waiting }) => ({ waiting: { ...waiting, [id]: false } }))
  }
}

export function forgetPlans(id: string): void {
  usePlans.setState(({ plans, errors }) => ({
    plans: { ...plans, [id]: [] },
    errors: { ...errors, [id]: undefined },
  }))
}
