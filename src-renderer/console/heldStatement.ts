import type { StatementRun } from '../../src-main/console/statementContract.ts'

/** A statement whose result can be read. */
export type HeldStatement = StatementRun & { resultId: string }

export const isHeld = (statement: StatementRun): statement is HeldStatement => statement.resultId !== null

/** `select * from t`: enough to know a statement by. */
export function firstWords(text: string): string {
  return text.replaceAll(/\s+/g, ' ').slice(0, 60)
}
