import { useRef, useState } from 'react'
import type { ComparedRow, Comparison } from '../../src-main/console/compareContract.ts'
import { client } from '../rpc/client.ts'
import { formatCount } from '../ui/format.ts'
import { ResultGrid } from '../ui/ResultGrid.tsx'
import type { Overlay } from '../ui/resultSelection.ts'

interface Props {
  comparison: Comparison
  isDifferencesOnly: boolean
  label: string
}

const mostAtOnce = 1000

/** The rows of two results in one grid: added, removed, and of changed ones what each cell held. */
export function ComparedGrid({ comparison, isDifferencesOnly, label }: Props) {
  const { comparisonId, columns, added, removed, changed, same } = comparison
  const [selected, setSelected] = useState<number>()
  const known = useRef(new Map<number, ComparedRow>())
  const name = `${comparisonId} ${isDifferencesOnly}`
  const knownName = useRef(name)
  const rowCount = added + removed + changed + (isDifferencesOnly ? 0 : same)
  const rowOf = (row: number) => (knownName.current === name ? known.current.get(row) : undefined)
  const overlay = (row: number, column: number): Overlay | undefined => {
    const found = rowOf(row)
    if (!found || found.kind === 'same') return undefined
    if (found.kind !== 'changed') return { kind: found.kind }
    const was = found.was.find(([at]) => at === column)
    return was && { kind: 'changed', was: was[1] }
  }
  const chosen = selected === undefined ? undefined : rowOf(selected)
  return (
    <>
      <ResultGrid
        name={name}
        label={label}
        columns={columns}
        rowCount={rowCount}
        overlay={overlay}
        onSelect={(cell) => setSelected(cell?.row)}
        onOpen={() => {}}
        fetchRows={async (from, count, values) => {
          const page = await client.console.listCompared({
            comparisonId,
            isDifferencesOnly,
            from,
            count: Math.min(count, mostAtOnce),
            maxCharacters: values === 'whole' ? 65_536 : 1000,
          })
          if (knownName.current !== name) known.current.clear()
          knownName.current = name
          for (const [at, row] of page.rows.entries()) known.current.set(from + at, row)
          return { rows: page.rows.map(({ cells }) => cells), cuts: page.cuts }
        }}
      />
      <div className="res__status num">
        {chosen && (
          <span>
            {chosen.kind}
            {chosen.before !== null && `, row ${formatCount(chosen.before + 1)} before`}
            {chosen.after !== null && `, row ${formatCount(chosen.after + 1)} now`}
          </span>
        )}
        <span className="toolbar__fill" />
        <span>matched {matchedBy(comparison)}</span>
      </div>
    </>
  )
}

function matchedBy({ key, matched, columns }: Comparison): string {
  const names = key.map((at) => columns[at]?.name).join(', ')
  if (matched === 'rows') return 'as whole rows'
  if (matched === 'position') return 'by row number: no key is known'
  return matched === 'table' ? `by the table's key: ${names}` : `by ${names}`
}
