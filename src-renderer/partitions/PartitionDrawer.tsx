import { IconChevronLeft, IconChevronRight, IconX } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Partition } from '../../src-main/partitions/table.contract.ts'
import { rpc } from '../rpc/client.ts'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { Facts } from '../ui/Facts.tsx'
import { formatBytes, formatCount, plural } from '../ui/format.ts'
import { Layer } from '../ui/Layer.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { SqlBlock } from '../ui/SqlBlock.tsx'
import { DefaultGroups } from './DefaultGroups.tsx'
import { boundText } from './HoverCard.tsx'
import type { Wanted } from './PartitionDialogs.tsx'
import type { TableWithPartitions } from './TablePictures.tsx'

interface Props {
  table: TableWithPartitions
  partition: Partition
  onClose: () => void
  /** The partition before or after this one. */
  onStep: (step: 1 | -1) => void
  onAct: (wanted: Wanted) => void
}

/** What is known of one partition, and what can be done with it. */
export function PartitionDrawer({ table, partition, onClose, onStep, onAct }: Props) {
  const { schema, name, state } = partition
  const detail = useQuery(
    rpc.partitions.describe.queryOptions({ input: { schema, name }, staleTime: 60_000 }),
  )
  const count = useMutation(rpc.partitions.count.mutationOptions())
  const known = detail.data
  const exact = count.variables?.name === name && count.variables.schema === schema ? count.data : undefined
  const parent = table.partitions.find(({ id }) => id === partition.parentId) ?? table
  const member = { schema, name }
  return (
    <aside className="drawer" aria-label={name}>
      <header className="drawer__head">
        <div className="grow" style={{ minWidth: 0 }}>
          <h2 className="drawer__title mono-title clip">{name}</h2>
          <p className="drawer__sub">
            <Layer schema={parent.schema} name={parent.name} />
          </p>
        </div>
        <button type="button" className="icon-btn icon-btn--sm" title="Previous" onClick={() => onStep(-1)}>
          <IconChevronLeft className="icon" />
        </button>
        <button type="button" className="icon-btn icon-btn--sm" title="Next" onClick={() => onStep(1)}>
          <IconChevronRight className="icon" />
        </button>
        <button type="button" className="icon-btn icon-btn--sm" title="Close" onClick={onClose}>
          <IconX className="icon" />
        </button>
      </header>
      <div className="drawer__body">
        <Facts
          facts={[
            [
              'Bounds',
              <span key="b" className="mono small">
                {boundText(partition.bound)}
              </span>,
            ],
            [
              'Rows',
              <span key="r" className="num">
                {exact ? formatCount(exact.rows) : `about ${formatCount(partition.estimatedRows)}`}{' '}
                <span className="t3">
                  {exact ? 'counted' : partition.isNeverAnalyzed ? 'never analysed' : 'estimate'}
                </span>{' '}
                {!exact && (
                  <button
                    type="button"
                    className="link link--accent"
                    disabled={count.isPending}
                    title="Reads every row"
                    onClick={() => count.mutate(member)}
                  >
                    {count.isPending ? 'Counting…' : 'Count'}
                  </button>
                )}
              </span>,
            ],
            [
              'Size',
              <span key="s" className="num">
                {formatBytes(known ? known.heapBytes + known.indexBytes : partition.sizeBytes)}{' '}
                {known && (
                  <span className="t3">
                    {formatBytes(known.heapBytes)} heap, {formatBytes(known.indexBytes)} in{' '}
                    {known.indexes === 1 ? '1 index' : `${known.indexes} indexes`}
                  </span>
                )}
              </span>,
            ],
            ['Oldest row', exact?.oldestKey ?? known?.oldestKey],
            ['Newest row', exact?.newestKey ?? known?.newestKey],
            [
              'Writes',
              known && (
                <span key="w" className="num" title="Since the statistics of the server began">
                  {formatCount(known.inserted)} inserted, {formatCount(known.updated)} updated,{' '}
                  {formatCount(known.deleted)} deleted
                </span>
              ),
            ],
            ['Dead rows', partition.deadRows > 0 && formatCount(partition.deadRows)],
            [
              'Vacuumed',
              known && (known.lastVacuumed ? <RelativeTime key="v" time={known.lastVacuumed} /> : 'never'),
            ],
            [
              'Analysed',
              known && (known.lastAnalyzed ? <RelativeTime key="a" time={known.lastAnalyzed} /> : 'never'),
            ],
            ['Retention', retentionOf(table, partition)],
            ['Read by', known && known.dependents.length > 0 && known.dependents.join(', ')],
          ]}
        />
        {detail.error && <ErrorNotice error={detail.error} />}
        {count.error && <ErrorNotice error={count.error} />}
        {known && known.missingIndexes.length > 0 && (
          <section className="drawer__section">
            <h3 className="drawer__label t-warn">
              {plural(known.missingIndexes.length, 'missing index').replace('indexs', 'indexes')}
            </h3>
            <SqlBlock
              text={`-- of the table; make each on ${name}, then attach it\n${known.missingIndexes.join(';\n')};`}
            />
          </section>
        )}
        {state === 'default' && <DefaultGroups table={parent} onAct={onAct} />}
        <section className="drawer__section">
          <h3 className="drawer__label">What to do with it</h3>
          <ul className="choices">
            {choicesFor(partition).map(({ title, text, isDanger, wanted }) => (
              <li key={title} className={isDanger ? 'choice choice--danger' : 'choice'}>
                <button type="button" className="grow" onClick={() => onAct(wanted)}>
                  <b>{title}</b>
                  <span>{text}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      </div>
      <footer className="drawer__foot">
        <span className="grow" />
        <Link className="btn" to="/schema" search={{ schema, table: name, tab: 'data' }}>
          Open in the schema
        </Link>
      </footer>
    </aside>
  )
}

function retentionOf({ retention }: TableWithPartitions, { to, state }: Partition) {
  if (!retention || to === null || state === 'default' || state === 'detaching') return undefined
  const leaves = new Date(to + (Date.now() - retention.keptFrom.getTime()))
  const hold = retention.holds.length > 0 ? `; holds: ${retention.holds.join(', ')}` : ''
  return (
    <span className={state === 'due' ? 't-warn num' : 'num'}>
      leaves on {leaves.toISOString().slice(0, 10)}
      {hold}
    </span>
  )
}

interface Choice {
  title: string
  text: string
  isDanger?: boolean
  wanted: Wanted
}

function choicesFor({ schema, name, state, strategy, estimatedRows }: Partition): Choice[] {
  const partition = { schema, name }
  if (state === 'detaching')
    return [
      {
        title: 'Finalize the detach',
        text: 'It was interrupted half way',
        wanted: { kind: 'finalize', partition },
      },
    ]
  return [
    ...(strategy === null
      ? []
      : [
          {
            title: 'Make a partition of it',
            text: `It is partitioned itself, by ${strategy}`,
            wanted: { kind: 'make one', table: { schema, name, strategy } },
          } as const,
        ]),
    {
      title: 'Detach concurrently',
      text: 'Nobody waits; not with a default partition',
      wanted: { kind: 'detach', partition, isConcurrent: true },
    },
    {
      title: 'Detach and keep as a table',
      text: 'Frees nothing; the rows stay under its name',
      wanted: { kind: 'detach', partition, isConcurrent: false },
    },
    {
      title: 'Move to another schema',
      text: 'Detach, then set schema: out of sight, still a table',
      wanted: { kind: 'move', partition },
    },
    {
      title: 'Drop…',
      text: `About ${formatCount(estimatedRows)} rows, for good`,
      isDanger: true,
      wanted: { kind: 'drop', partition },
    },
  ]
}
