import { useQuery } from '@tanstack/react-query'
import type { AuditEntry } from '../../src-main/audit/contract.ts'
import { rpc } from '../rpc/client.ts'
import { DrawerHead } from '../ui/DrawerHead.tsx'
import { Facts } from '../ui/Facts.tsx'
import { Layer } from '../ui/Layer.tsx'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { type Change, changesOf, storyOf, whoOf } from './story.ts'

interface Props {
  entry: AuditEntry
  onClose: () => void
  onSelect: (entry: AuditEntry) => void
  onTransaction: (transaction: number) => void
}

/** One entry: who, from where, every column before and after; and the story of its row. */
export function EntryDrawer({ entry, onClose, onSelect, onTransaction }: Props) {
  return (
    <aside className="drawer" aria-label={`Entry ${entry.sequence}`}>
      <DrawerHead onClose={onClose}>
        <h2 className="drawer__title">Entry {entry.sequence}</h2>
        <p className="drawer__sub clip">{storyOf(entry)}</p>
      </DrawerHead>
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
            [
              'Transaction',
              <button
                key="tx"
                type="button"
                className="link link--accent num"
                title="Show what this transaction did"
                onClick={() => onTransaction(entry.transactionId)}
              >
                {entry.transactionId}
              </button>,
            ],
          ]}
        />
        <Diff changes={changesOf(entry)} />
        {Object.keys(entry.rowKey).length > 0 && <RowStory entry={entry} onSelect={onSelect} />}
      </div>
    </aside>
  )
}

function Diff({ changes }: { changes: Change[] }) {
  // Of a row that was added or deleted there is one side alone.
  const hasBefore = changes.some(({ before }) => before !== undefined)
  const hasAfter = changes.some(({ after }) => after !== undefined)
  return (
    <table className="diff" aria-label="Before and after">
      <thead>
        <tr>
          <th style={{ width: '36%' }}>Column</th>
          {hasBefore && <th>Before</th>}
          {hasAfter && <th>After</th>}
        </tr>
      </thead>
      <tbody>
        {changes.map(({ column, before, after, isPersonal }) => (
          <tr
            key={column}
            title={isPersonal ? 'Personal: the log holds its hash, which tells that it changed' : undefined}
          >
            <td className="clip" title={column}>
              {column}
              {isPersonal && <span className="t3"> personal</span>}
            </td>
            {hasBefore && <td className={before === undefined ? undefined : 'diff__old'}>{before}</td>}
            {hasAfter && <td className={after === undefined ? undefined : 'diff__new'}>{after}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const storyDays = 366

/** Everything that happened to the row within a year before the entry and a year after it, the newest first. */
function RowStory({ entry, onSelect }: Pick<Props, 'entry' | 'onSelect'>) {
  const at = new Date(entry.occurredAt).getTime()
  const day = 86_400_000
  const story = useQuery(
    rpc.audit.list.queryOptions({
      input: {
        from: new Date(Math.floor(at / day) * day - storyDays * day),
        to: new Date(Math.floor(at / day) * day + storyDays * day),
        table: `${entry.schema}.${entry.table}`,
        key: JSON.stringify(entry.rowKey),
        limit: 50,
      },
    }),
  )
  return (
    <section className="drawer__section">
      <h3 className="drawer__label">Who changed this row</h3>
      <QueryPanel query={story} rows={3}>
        {({ entries, searchedUntil }) => (
          <>
            <ol className="tale">
              {entries.map((one) => (
                <li
                  key={one.sequence}
                  className={one.sequence === entry.sequence ? 'tale__step is-selected' : 'tale__step'}
                >
                  <button type="button" onClick={() => onSelect(one)}>
                    <b>{one.action}</b> <span className="t2">by {whoOf(one)}</span>{' '}
                    <span className="t3">
                      <RelativeTime time={new Date(one.occurredAt)} />
                    </span>
                  </button>
                  {one.action === 'update' && (
                    <p className="tale__change mono clip">
                      {changesOf(one)
                        .map(({ column, before, after }) => `${column}: ${before ?? '∅'} → ${after ?? '∅'}`)
                        .join(', ')}
                    </p>
                  )}
                </li>
              ))}
            </ol>
            {searchedUntil && <p className="t3 small">Searched until {searchedUntil.slice(0, 10)}.</p>}
          </>
        )}
      </QueryPanel>
    </section>
  )
}
