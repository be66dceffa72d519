import { useState } from 'react'
import type { ComparedObject, Comparison } from '../../../src-main/schema/diff/contract.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { FilterInput } from '../../ui/FilterInput.tsx'
import { ObjectIcon } from '../ObjectIcon.tsx'
import { ChangeMark } from './ChangeMark.tsx'

interface Props {
  comparison: Comparison
  selected: string | undefined
  onSelect: (object: ComparedObject) => void
}

type Shown = ComparedObject['change'] | 'all'

/** The objects of a comparison, those that differ first, narrowed by what differs and by name. */
export function ComparedList({ comparison, selected, onSelect }: Props) {
  const [shown, setShown] = useState<Shown>('all')
  const [text, setText] = useState('')
  const { counts, objects } = comparison
  const filters: [Shown, string, number][] = [
    ['all', 'Differ', counts.different + counts.onlyHere + counts.onlyThere + counts.reordered],
    ['different', 'Both', counts.different],
    ['only here', 'Here', counts.onlyHere],
    ['only there', 'There', counts.onlyThere],
    ['reordered', 'Order', counts.reordered],
    ['identical', 'Same', counts.identical],
  ]
  const wanted = text.trim().toLowerCase()
  const rows = objects.filter(
    ({ change, name, kind }) =>
      (shown === 'all' ? change !== 'identical' : change === shown) &&
      `${kind} ${name}`.toLowerCase().includes(wanted),
  )
  return (
    <section className="column cmp__list" aria-label="Compared objects">
      <div className="toolbar">
        <div className="seg">
          {filters.map(([name, label, count]) => (
            <button
              key={name}
              type="button"
              aria-pressed={name === shown}
              title={titles[name]}
              onClick={() => setShown(name)}
            >
              {label} <span className="t3 num">{count}</span>
            </button>
          ))}
        </div>
      </div>
      <div className="toolbar">
        <FilterInput label="Filter by kind or name" value={text} onChange={setText} />
      </div>
      <DataTable
        label="Differences"
        rows={rows}
        keyOf={({ key }) => key}
        selected={selected}
        onSelect={onSelect}
        columns={[
          { name: 'change', label: '', width: 42, render: ({ change }) => <ChangeMark change={change} /> },
          {
            name: 'name',
            label: 'Object',
            sortBy: ({ name }) => name,
            render: ({ name, kind }) => (
              <span className="cell" title={`${kind} ${name}`}>
                <ObjectIcon kind={kind} />
                <span className="mono clip">{name}</span>
              </span>
            ),
          },
          {
            name: 'kind',
            label: 'Kind',
            width: 128,
            sortBy: ({ kind }) => kind,
            render: ({ kind }) => <span className="t2">{kind}</span>,
          },
        ]}
      />
    </section>
  )
}

const titles: Record<Shown, string> = {
  all: 'Everything that differs',
  different: 'On both sides, and different',
  'only here': 'Only in this environment',
  'only there': 'Only on the other side',
  reordered: 'The same, with their columns in another order',
  identical: 'Identical on both sides',
}
