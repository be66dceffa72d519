import { IconFolderOpen, IconPlus } from '@tabler/icons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef } from 'react'
import type { PlannedFile } from '../../src-main/migrations/report.contract.ts'
import type { Migration, RunnerState } from '../../src-main/migrations/state.contract.ts'
import { FilterInput } from '../ui/FilterInput.tsx'
import { formatDuration, plural } from '../ui/format.ts'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { State } from '../ui/State.tsx'
import { Placements } from './Placements.tsx'
import { fileNameOf, isPending, marks, stateWords } from './source.ts'

interface Props {
  migrations: readonly Migration[]
  plan: readonly PlannedFile[] | undefined
  live: RunnerState | undefined
  selected: Migration | undefined
  filter: string
  place: { folder: string; project: string }
  onFilter: (text: string) => void
  onSelect: (version: string) => void
  onNew: () => void
  onOpenFolder: () => void
}

type Entry = { title: string; count: number } | Migration

const groupHeight = 26
const itemHeight = 48

/** Every migration by what is to be done with it; only those in sight are in the page. */
export function MigrationList({ migrations, plan, live, selected, filter, place, ...act }: Props) {
  const scroller = useRef<HTMLDivElement>(null)
  const words = filter.toLowerCase()
  const shown = migrations.filter((one) => fileNameOf(one).toLowerCase().includes(words))
  const applying = shown.filter(({ version }) => version === live?.version)
  const rest = shown.filter(({ version }) => version !== live?.version)
  const broken = rest.filter(({ state }) => state === 'edited' || state === 'missing')
  const entries: Entry[] = [
    ...group('Stops everything', broken),
    ...group('Pending', rest.filter(isPending)),
    ...group('Applying', applying),
    ...group('Applied', rest.filter((one) => !isPending(one) && !broken.includes(one)).reverse()),
  ]
  const virtual = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (isGroup(entries[index]) ? groupHeight : itemHeight),
    overscan: 12,
    initialRect: { width: 316, height: 800 },
  })
  return (
    <section className="mig__list" aria-label="Migrations">
      <div className="toolbar">
        <FilterInput label="Filter by name" value={filter} onChange={act.onFilter} />
        <button type="button" className="icon-btn" title="Open a folder" onClick={act.onOpenFolder}>
          <IconFolderOpen className="icon" />
        </button>
        <button type="button" className="icon-btn" title="New migration" onClick={act.onNew}>
          <IconPlus className="icon" />
        </button>
      </div>
      <div className="scroll mig__scroll" ref={scroller}>
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map(({ index, start, key }) => {
            const entry = entries[index]
            const top = { position: 'absolute', insetInline: 0, transform: `translateY(${start}px)` } as const
            if (!entry) return null
            if (isGroup(entry)) {
              return (
                <p key={key} className="mig__group" style={top}>
                  {entry.title}
                  <span className="num">{entry.count}</span>
                </p>
              )
            }
            return (
              <button
                key={key}
                type="button"
                className={`mig__item${entry.version === selected?.version ? ' is-selected' : ''}`}
                style={{ ...top, width: '100%', cursor: 'pointer' }}
                aria-current={entry.version === selected?.version}
                onClick={() => act.onSelect(entry.version)}
              >
                <Item
                  migration={entry}
                  file={plan?.find(({ version }) => version === entry.version)}
                  live={entry.version === live?.version ? live : undefined}
                />
              </button>
            )
          })}
        </div>
        {entries.length === 0 && (
          <p className="t3 small" style={{ padding: 12 }}>
            {migrations.length === 0 ? 'The folder holds no migrations.' : 'No name fits the filter.'}
          </p>
        )}
      </div>
      <Placements />
      <dl className="facts mig__ledger">
        <dt>Ledger</dt>
        <dd className="mono clip">public.schema_migrations</dd>
        <dt>Project</dt>
        <dd className="mono clip">{place.project}</dd>
        <dt>Folder</dt>
        <dd className="mono clip" title={place.folder}>
          {place.folder.split(/[\\/]/).slice(-2).join('/')}
        </dd>
      </dl>
    </section>
  )
}

interface ItemProps {
  migration: Migration
  file: PlannedFile | undefined
  live: RunnerState | undefined
}

function Item({ migration, file, live }: ItemProps) {
  const warned = file?.findings.filter(({ severity }) => severity !== 'info').length ?? 0
  return (
    <>
      <State name={live ? 'running' : marks[migration.state]} label={live ? 'running' : migration.state} />
      <span className="grow" style={{ minWidth: 0 }}>
        <span className="mono clip mig__name" style={{ display: 'block' }}>
          {fileNameOf(migration)}
        </span>
        <span className="mig__desc">
          <span className="clip">
            {live ? (
              `${live.statement} of ${live.statements}${live.wait?.waitsFor ? ', waits for a lock' : ''}`
            ) : file ? (
              `${migration.state === 'pending' ? '' : `${stateWords[migration.state]}, `}${plural(file.statements.length, 'statement')}${warned > 0 ? `, ${plural(warned, 'finding')}` : ''}`
            ) : migration.appliedAt ? (
              <>
                <RelativeTime time={migration.appliedAt} />
                {migration.state === 'applied'
                  ? ` by ${migration.appliedBy}`
                  : `, ${stateWords[migration.state]}`}
              </>
            ) : (
              stateWords[migration.state]
            )}
          </span>
          {warned > 0 && <State name="warning" label="findings" />}
        </span>
      </span>
      <span className="num mig__time">
        {migration.durationMs !== null &&
          migration.outcome === 'applied' &&
          formatDuration(migration.durationMs)}
      </span>
    </>
  )
}

const group = (title: string, items: Migration[]): Entry[] =>
  items.length === 0 ? [] : [{ title, count: items.length }, ...items]

function isGroup(entry: Entry | undefined): entry is { title: string; count: number } {
  return entry !== undefined && 'title' in entry
}
