import { IconX } from '@tabler/icons-react'
import type { AuditEntry } from '../../src-main/audit/contract.ts'
import { Facts } from '../ui/Facts.tsx'
import { Layer } from '../ui/Layer.tsx'
import { storyOf } from './story.ts'

/** One entry: who, from where, and every column before and after. */
export function EntryDrawer({ entry, onClose }: { entry: AuditEntry; onClose: () => void }) {
  const columns = [...new Set([...Object.keys(entry.old ?? {}), ...Object.keys(entry.new ?? {})])].sort()
  return (
    <aside className="drawer" aria-label={`Entry ${entry.sequence}`}>
      <header className="drawer__head">
        <div className="grow">
          <h2 className="drawer__title">Entry {entry.sequence}</h2>
          <p className="drawer__sub clip">{storyOf(entry)}</p>
        </div>
        <button type="button" className="icon-btn icon-btn--sm" title="Close" onClick={onClose}>
          <IconX className="icon" />
        </button>
      </header>
      <div className="drawer__body">
        <Facts
          facts={[
            [
              'When',
              <span key="when" className="mono">
                {entry.occurredAt}
              </span>,
            ],
            ['Table', <Layer key="table" schema={entry.schema} name={entry.table} />],
            [
              'Row',
              <span key="row" className="mono small">
                {JSON.stringify(entry.rowKey)}
              </span>,
            ],
            [
              'User',
              entry.role === 'none' || entry.role === entry.user
                ? entry.user
                : `${entry.user} as ${entry.role}`,
            ],
            ['On behalf of', entry.actor],
            ['Application', entry.application],
            ['Address', entry.address ?? 'local socket'],
            ['Transaction', String(entry.transactionId)],
          ]}
        />
        <table className="diff" aria-label="Before and after">
          <thead>
            <tr>
              <th style={{ width: '30%' }}>Column</th>
              <th>Before</th>
              <th>After</th>
            </tr>
          </thead>
          <tbody>
            {columns.map((column) => (
              <tr key={column}>
                <td>{column}</td>
                <td className={entry.old && column in entry.old ? 'diff__old' : undefined}>
                  {show(entry.old?.[column])}
                </td>
                <td className={entry.new && column in entry.new ? 'diff__new' : undefined}>
                  {show(entry.new?.[column])}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </aside>
  )
}

function show(value: unknown): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
