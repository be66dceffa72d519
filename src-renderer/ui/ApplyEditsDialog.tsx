import type { EditableTable } from '../../src-main/rowEditContract.ts'
import { plural } from './format.ts'
import { StatementDialog } from './StatementDialog.tsx'

interface Props {
  table: Pick<EditableTable, 'schema' | 'name'>
  count: number
  /** The statements, once they are known. */
  sql: string | undefined
  error: unknown
  isPending: boolean
  onApply: () => void
  onClose: () => void
}

/** Staged changes as the statements that will run, all of them or none; in production the table's name is typed first. */
export function ApplyEditsDialog({ table, count, sql, error, isPending, onApply, onClose }: Props) {
  return (
    <StatementDialog
      title={`Apply ${plural(count, 'change')} to ${table.schema}.${table.name}?`}
      width={680}
      sql={sql}
      error={error}
      confirm={table.name}
      note="All of them or none, in one transaction."
      back="Not yet"
      action={`Apply ${plural(count, 'change')}`}
      canApply={!isPending && count > 0}
      onApply={onApply}
      onClose={onClose}
    />
  )
}
