import { IconArrowsDiff, IconKey } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Comparison } from '../../src-main/console/compareContract.ts'
import { rpc } from '../rpc/client.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { formatTime, plural } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { CompareCounts } from './CompareCounts.tsx'
import { ComparedGrid } from './ComparedGrid.tsx'
import { firstWords, type HeldStatement } from './heldStatement.ts'
import type { HeldPin } from './ResultBar.tsx'
import type { ComparedPair } from './resultTabs.ts'

interface Props {
  pair: ComparedPair
  pinned: HeldPin[]
}

/** One result against another: how many rows differ, and where. */
export function CompareView({ pair: { before, after }, pinned }: Props) {
  const [key, setKey] = useState<KeyWish>({ unkeyed: 'rows' })
  const [isDifferencesOnly, setDifferencesOnly] = useState(true)
  const comparison = useQuery({
    ...rpc.console.compare.queryOptions({
      input: { beforeId: before.resultId, afterId: after.resultId, ...key },
    }),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  })
  const name = (statement: HeldStatement) => {
    const pin = pinned.find((one) => one.statement.resultId === statement.resultId)
    return `${firstWords(statement.text)}${pin ? `, pinned, run ${formatTime(pin.ranAt).slice(-8)}` : ''}`
  }
  return (
    <QueryPanel query={comparison} rows={8}>
      {(found) => {
        const differences = found.added + found.removed + found.changed
        return (
          <>
            <div className="con__tools">
              <CompareCounts comparison={found} />
              <span className="toolbar__fill" />
              <KeyChoice comparison={found} onChoose={setKey} />
              <fieldset className="seg" aria-label="Which rows">
                <button
                  type="button"
                  aria-pressed={isDifferencesOnly}
                  onClick={() => setDifferencesOnly(true)}
                >
                  Differences
                </button>
                <button
                  type="button"
                  aria-pressed={!isDifferencesOnly}
                  onClick={() => setDifferencesOnly(false)}
                >
                  All rows
                </button>
              </fieldset>
            </div>
            <p className="con__pair small">
              <span className="t3">before</span> <span className="mono clip">{name(before)}</span>
              <span className="t3">now</span> <span className="mono clip">{name(after)}</span>
              <OneSided comparison={found} />
            </p>
            {comparison.error && <ErrorNotice error={comparison.error} />}
            {differences === 0 && isDifferencesOnly ? (
              <EmptyState icon={<IconArrowsDiff className="icon icon--18" />} title="Nothing differs">
                {plural(found.same, 'row')} in both, every value the same.
              </EmptyState>
            ) : (
              <ComparedGrid comparison={found} isDifferencesOnly={isDifferencesOnly} label="Comparison" />
            )}
          </>
        )
      }}
    </QueryPanel>
  )
}

/** Columns that only one of them has. */
function OneSided({ comparison }: { comparison: Comparison }) {
  const of = (side: 'before' | 'after') =>
    comparison.columns
      .filter((column) => column.side === side)
      .map((column) => column.name)
      .join(', ')
  const [gone, fresh] = [of('before'), of('after')]
  if (!gone && !fresh) return null
  return (
    <span className="t-warn clip">
      {gone && `only before: ${gone}`}
      {gone && fresh && '; '}
      {fresh && `only now: ${fresh}`}; such columns make no row differ
    </span>
  )
}

interface KeyWish {
  key?: number[]
  unkeyed: 'rows' | 'position'
}

/** The columns by which rows are matched. */
function KeyChoice({ comparison, onChoose }: { comparison: Comparison; onChoose: (wish: KeyWish) => void }) {
  const { columns, key, matched } = comparison
  return (
    <details className="con__key">
      <summary className="btn btn--sm">
        <IconKey className="icon icon--14" />
        {key.length > 0
          ? `Key: ${key.map((at) => columns[at]?.name).join(', ')}`
          : matched === 'position'
            ? 'Row numbers'
            : 'Whole rows'}
      </summary>
      <fieldset className="menu con__keysheet">
        <legend className="t3 small">Rows belong together where these are equal</legend>
        {(['rows', 'position'] as const).map((unkeyed) => (
          <label key={unkeyed} className="menu__item menu__item--plain">
            <input
              type="radio"
              name="unkeyed"
              checked={matched === unkeyed}
              onChange={() => onChoose({ key: [], unkeyed })}
            />
            {unkeyed === 'rows' ? 'whole rows' : 'row numbers'}
          </label>
        ))}
        {columns.map(({ name, type, side }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two columns may have one name
          <label key={at} className="menu__item menu__item--plain">
            <input
              type="checkbox"
              disabled={side !== 'both'}
              checked={key.includes(at)}
              onChange={({ target }) =>
                onChoose({
                  key: target.checked
                    ? [...key, at].sort((one, other) => one - other)
                    : key.filter((one) => one !== at),
                  unkeyed: 'rows',
                })
              }
            />
            <span className="mono">{name || '?'}</span>
            <span className="t3 mono small">{type}</span>
          </label>
        ))}
      </fieldset>
    </details>
  )
}
