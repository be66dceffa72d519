import { type Sql, sql } from '../sql.ts'
import type { Plan } from './action.contract.ts'
import type { Relation } from './table.contract.ts'

export type Lock =
  | 'access exclusive'
  | 'share row exclusive'
  | 'share update exclusive'
  | 'row exclusive'
  | 'access share'

/** One statement of a plan, as it will be run. */
export interface PlannedStep {
  statement: Sql
  lock: Lock | null
  on: Relation | null
  note: string | null
  /** `count`: rows before; `move`: repeated until it moves none; `check`: rows after, equal to those moved. */
  role?: 'count' | 'move' | 'check'
}

export interface PlannedTransaction {
  isTransaction: boolean
  steps: PlannedStep[]
}

/** A plan as it is run; {@link show} makes of it what may be shown. */
export interface ActionPlan extends Omit<Plan, 'transactions'> {
  transactions: PlannedTransaction[]
  /** The outcome in a few words, with the rows that were moved. */
  outcome: (moved: number) => string
}

// Lock levels and what they conflict with: PostgreSQL manual, 13.3.1.
const blocked: Record<Lock, string | null> = {
  'access exclusive': 'reads and writes',
  'share row exclusive': 'writes',
  'share update exclusive': 'schema changes',
  'row exclusive': null,
  'access share': null,
}

export const lockTimeout = (): PlannedStep => ({
  statement: sql`set local lock_timeout = '2s'`,
  lock: null,
  on: null,
  note: 'a lock that is not there within 2 s is given up, and the transaction tried again later',
})

export function step(
  statement: Sql,
  lock: Lock | null = null,
  on: Relation | null = null,
  note: string | null = null,
): PlannedStep {
  return { statement, lock, on, note }
}

export const inTransaction = (steps: PlannedStep[]): PlannedTransaction => ({
  isTransaction: true,
  steps: [lockTimeout(), ...steps],
})

export const alone = (...steps: PlannedStep[]): PlannedTransaction => ({ isTransaction: false, steps })

export const fact = (name: string, value: string, isWarning = false) => ({ name, value, isWarning })

/** A plan that does not run, and says what does. */
export function refuse(title: string, facts: Plan['facts'], reason: string, instead: string): ActionPlan {
  return {
    title,
    facts,
    transactions: [],
    isDestructive: false,
    refusal: { reason, instead },
    confirm: null,
    undo: null,
    button: 'Not possible',
    outcome: () => '',
  }
}

export function show({ outcome: _outcome, transactions, ...plan }: ActionPlan): Plan {
  return {
    ...plan,
    transactions: transactions.map(({ isTransaction, steps }) => ({
      isTransaction,
      steps: steps.map(({ statement, lock, on, note }) => ({
        sql: shownText(statement),
        lock,
        on: on && `${on.schema}.${on.name}`,
        blocks: lock && blocked[lock],
        note,
      })),
    })),
  }
}

/** The statement as it reads in a terminal; what is indented by the source is moved to the margin. */
function shownText(statement: Sql): string {
  const lines = statement.text.split('\n')
  const margin = Math.min(
    ...lines.slice(1).flatMap((line) => (line.trim() ? [/^ */.exec(line)?.[0].length ?? 0] : [])),
  )
  return lines
    .map((line, index) => (index === 0 || margin === Infinity ? line : line.slice(Math.max(0, margin - 2))))
    .join('\n')
}

export const counted = (rows: number) =>
  new Intl.NumberFormat('en', { maximumFractionDigits: 0 }).format(rows)
