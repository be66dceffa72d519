import type { Statement } from '../sqlText.ts'
import type { PlannedStatement } from './contract.ts'

interface Rule {
  pattern: RegExp
  lock: string | null
  isIrreversible?: boolean
}

// Lock levels: PostgreSQL manual, 13.3.1. The first rule that fits wins.
const rules: Rule[] = [
  { pattern: /^(create|drop) index concurrently|^reindex .*concurrently/, lock: 'share update exclusive' },
  {
    pattern: /^drop (table|schema|view|materialized view|index|sequence|type|function)/,
    lock: 'access exclusive',
    isIrreversible: true,
  },
  { pattern: /^truncate/, lock: 'access exclusive', isIrreversible: true },
  { pattern: /^alter table .*(drop column|drop constraint)/, lock: 'access exclusive', isIrreversible: true },
  { pattern: /^alter table .*validate constraint/, lock: 'share update exclusive' },
  { pattern: /^alter table .*attach partition/, lock: 'share update exclusive' },
  { pattern: /^alter table .*add .*foreign key/, lock: 'share row exclusive' },
  {
    pattern: /^(alter table|reindex|cluster|vacuum full|refresh materialized view(?! concurrently))/,
    lock: 'access exclusive',
  },
  { pattern: /^create (unique )?index/, lock: 'share' },
  { pattern: /^create (constraint )?trigger/, lock: 'share row exclusive' },
  { pattern: /^create (or replace )?rule/, lock: 'access exclusive' },
  { pattern: /^create policy|^(alter|drop) policy/, lock: 'access exclusive' },
  { pattern: /^create table .* partition of/, lock: 'access exclusive' },
  { pattern: /^comment on (table|column|constraint)/, lock: 'share update exclusive' },
  { pattern: /^delete/, lock: 'row exclusive', isIrreversible: true },
  { pattern: /^(insert|update|merge|copy)/, lock: 'row exclusive' },
  { pattern: /^(vacuum|analyze)/, lock: 'share update exclusive' },
]

const blocked: Record<string, string> = {
  'access exclusive': 'reads and writes',
  'share row exclusive': 'writes',
  share: 'writes',
  'share update exclusive': 'schema changes',
}

/** What a statement will take and destroy, told from its first words. */
export function planStatement({ text, line }: Pick<Statement, 'text' | 'line'>): PlannedStatement {
  const words = text.slice(0, 4000).replaceAll(/\s+/g, ' ')
  const rule = rules.find(({ pattern }) => pattern.test(words.toLowerCase()))
  const lock = rule?.lock ?? null
  return {
    line,
    summary: words.length > 90 ? `${words.slice(0, 89)}…` : words,
    lock,
    blocks: lock === null ? null : (blocked[lock] ?? null),
    isIrreversible: rule?.isIrreversible ?? false,
  }
}
