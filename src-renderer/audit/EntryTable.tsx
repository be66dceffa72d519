import type { AuditEntry } from '../../src-main/audit/contract.ts'
import { type Column, DataTable } from '../ui/DataTable.tsx'
import { formatExact, formatTime, plural } from '../ui/format.ts'
import { changesOf, groupByTransaction, keyText, storyOf, whoOf } from './story.ts'

interface Props {
  entries: AuditEntry[]
  selected: string | undefined
  onSelect: (entry: AuditEntry) => void
  /** A drawer stands beside it, which tells row and change. */
  isNarrow: boolean
}

interface Row {
  entry: AuditEntry
  /** The first of several of one transaction: how many they are. */
  together: number
  isInside: boolean
}

const details: Column<Row>[] = [
  {
    name: 'key',
    label: 'Row',
    width: 220,
    render: ({ entry }) => <span className="mono t2 clip">{keyText(entry.rowKey)}</span>,
  },
  {
    name: 'change',
    label: 'Change',
    width: 220,
    render: ({ entry }) =>
      entry.action === 'update' && (
        <span className="mono t2 clip">
          {changesOf(entry)
            .slice(0, 2)
            .map(({ before, after }) => `${before ?? '∅'} → ${after ?? '∅'}`)
            .join(', ')}
        </span>
      ),
  },
]

/** Entries, the newest first; those of one transaction stand together. */
export function EntryTable({ entries, selected, onSelect, isNarrow }: Props) {
  const rows = groupByTransaction(entries).flatMap(({ entries: own }) =>
    own.map(
      (entry, index): Row => ({ entry, together: index === 0 ? own.length : 0, isInside: own.length > 1 }),
    ),
  )
  return (
    <DataTable
      label="Audit entries"
      rows={rows}
      keyOf={({ entry }) => String(entry.sequence)}
      selected={selected}
      onSelect={({ entry }) => onSelect(entry)}
      columns={[
        { name: 'sequence', label: '#', width: 72, align: 'right', render: ({ entry }) => entry.sequence },
        {
          name: 'time',
          label: 'When',
          width: 160,
          render: ({ entry: { occurredAt } }) => (
            <span className="num" title={formatExact(new Date(occurredAt))}>
              {formatTime(new Date(occurredAt))}
            </span>
          ),
        },
        {
          name: 'transaction',
          label: 'Together',
          width: 96,
          render: ({ entry, together, isInside }) =>
            isInside && (
              <span
                className={together > 0 ? 'together together--first' : 'together'}
                title={`Transaction ${entry.transactionId}`}
              >
                {together > 0 && plural(together, 'change')}
              </span>
            ),
        },
        { name: 'story', label: 'What', render: ({ entry }) => storyOf(entry) },
        ...(isNarrow ? [] : details),
        {
          name: 'application',
          label: 'From',
          width: 160,
          render: ({ entry }) => (
            <span className="t2">{entry.application || entry.address || whoOf(entry)}</span>
          ),
        },
      ]}
    />
  )
}
