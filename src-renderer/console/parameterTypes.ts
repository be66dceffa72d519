import type { ParameterValue } from '../../src-main/console/statementContract.ts'

export type { ParameterValue }

/** The types that a parameter can be given; `auto` is what the server sees in its place. */
export const parameterTypes: readonly ParameterValue['type'][] = [
  ...(['auto', 'text', 'int8', 'numeric', 'float8', 'bool', 'date', 'timestamptz', 'timestamp'] as const),
  ...(['interval', 'uuid', 'jsonb', 'text[]', 'int8[]'] as const),
]

/** Whether a text may name one: asked before the backend is. */
export const mayHaveParameters = (text: string): boolean => /(?:^|[^:]):[A-Za-z_]/.test(text)
