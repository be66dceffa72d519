import { IconChevronRight, IconRoute, IconSearch, IconStairsUp } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useEffect, useEffectEvent, useRef, useState } from 'react'
import { rpc } from '../rpc/client.ts'
import { ObjectIcon } from '../schema/ObjectIcon.tsx'
import { placeOfHit } from '../schema/placeOfHit.ts'
import { useViewCommands } from './commands.ts'
import { views } from './views.ts'

interface Item {
  key: string
  group: string
  label: string
  detail?: string | undefined
  icon: ReactNode
  run: () => void
}

const shownItems = 40

/** Every noun and every verb of the view, found as one types. */
export function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState('')
  const [index, setIndex] = useState(0)
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  const [isChosen, setChosen] = useState(false)
  const found = useObjects(text)
  const known = useItems().filter(({ label }) => matches(label, text))
  const items = [...known, ...found.items].slice(0, shownItems)
  const selected = Math.min(index, items.length - 1)
  const run = (item: Item | undefined) => {
    if (!item) return
    onClose()
    item.run()
  }
  // Enter among what an earlier text had found waits for what this one finds.
  const isSettled = !found.isStale || known[selected] !== undefined
  const runChosen = useEffectEvent(() => run(items[selected]))
  useEffect(() => {
    if (!isChosen || !isSettled) return
    setChosen(false)
    runChosen()
  }, [isChosen, isSettled])

  return (
    <dialog ref={dialog} className="dialog pal" aria-label="Search and commands" onClose={onClose}>
      <div className="pal__query">
        <IconSearch className="icon" />
        <input
          className="pal__text"
          style={{ border: 0, background: 'none', outline: 'none' }}
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-items"
          aria-activedescendant={items[selected] ? `palette-${selected}` : undefined}
          placeholder="A view, table, pipeline, migration or command"
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            setIndex(0)
            setChosen(false)
          }}
          onKeyDown={(event) => {
            if (event.key === 'ArrowDown') setIndex(Math.min(selected + 1, items.length - 1))
            else if (event.key === 'ArrowUp') setIndex(Math.max(selected - 1, 0))
            else if (event.key === 'Enter') setChosen(true)
            else return
            event.preventDefault()
          }}
        />
      </div>
      <div
        className="pal__list scroll"
        id="palette-items"
        role="listbox"
        aria-label="Found"
        style={{ maxHeight: 420, border: 0 }}
      >
        {items.length === 0 && <p className="pal__more">Nothing is called so.</p>}
        {items.map((item, at) => (
          <div key={item.key}>
            {items[at - 1]?.group !== item.group && <p className="pal__label">{item.group}</p>}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard stays in the field above */}
            <div
              id={`palette-${at}`}
              role="option"
              tabIndex={-1}
              aria-selected={at === selected}
              className={`pal__item${at === selected ? ' is-selected' : ''}`}
              onClick={() => run(item)}
            >
              {item.icon}
              <span className="pal__name">{item.label}</span>
              {item.detail && <span className="small t3">{item.detail}</span>}
            </div>
          </div>
        ))}
      </div>
    </dialog>
  )
}

function useItems(): Item[] {
  const navigate = useNavigate()
  const commands = useViewCommands()
  const { data: pipelines } = useQuery({ ...rpc.pipelines.list.queryOptions(), staleTime: 60_000 })
  const { data: migrations } = useQuery({ ...rpc.migrations.status.queryOptions(), staleTime: 60_000 })
  return [
    ...commands.map(({ label, run }) => ({
      key: `command ${label}`,
      group: 'Here',
      label,
      icon: <IconChevronRight className="icon" />,
      run,
    })),
    ...views.map(({ path, label, Icon }) => ({
      key: path,
      group: 'Views',
      label,
      icon: <Icon className="icon" />,
      run: () => void navigate({ to: path }),
    })),
    ...(pipelines ?? []).map(({ name }) => ({
      key: `pipeline ${name}`,
      group: 'Pipelines',
      label: name,
      icon: <IconRoute className="icon" />,
      run: () => void navigate({ to: '/pipelines', search: { pipeline: name } }),
    })),
    ...(migrations?.migrations ?? []).map(({ version, name }) => ({
      key: `migration ${version}`,
      group: 'Migrations',
      label: `${version}_${name}`,
      icon: <IconStairsUp className="icon" />,
      run: () => void navigate({ to: '/migrations', search: { version } }),
    })),
  ]
}

/** Everything in the database whose name, comment or code has the words, the nearest first; without words the tables. */
function useObjects(text: string): { items: Item[]; isStale: boolean } {
  const navigate = useNavigate()
  const { data, isPending, isPlaceholderData } = useQuery({
    ...rpc.schema.search.queryOptions({
      input: text.trim() === '' ? { text: '.', kinds: ['table', 'partitioned table', 'view'] } : { text },
    }),
    placeholderData: keepPreviousData,
  })
  const items = (data?.hits ?? []).map((hit) => {
    const { kind, schema, parent, name, signature } = hit
    const isTable = kind.includes('table') || kind.includes('view')
    return {
      key: ['object', kind, schema, parent, name, signature].join('\0'),
      group: isTable ? 'Tables' : 'In the database',
      label: [schema, kind === 'partition' ? null : parent, name].filter(Boolean).join('.'),
      detail: isTable ? undefined : kind,
      icon: <ObjectIcon kind={kind} />,
      run: () => void navigate({ to: '/schema', search: { ...placeOfHit(hit) } }),
    }
  })
  return { items, isStale: isPending || isPlaceholderData }
}

/** Every word that was typed stands somewhere in the label. */
function matches(label: string, text: string): boolean {
  const folded = label.toLowerCase()
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => folded.includes(word))
}
