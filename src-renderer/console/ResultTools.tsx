import { IconSearch, IconX } from '@tabler/icons-react'
import { useState } from 'react'
import type { StatementRun } from '../../src-main/console/statementContract.ts'
import type { ResultLook } from './resultLook.ts'

/** Finds rows that hold a text in any value. */
export function FindInput({ look }: { look: ResultLook }) {
  const [text, setText] = useState('')
  const find = (wanted: string) => void look.change({ ...look.arrangement, find: wanted })
  return (
    <label className="input input--sm res__find">
      <IconSearch className="icon" />
      <input
        type="text"
        aria-label="Find in result"
        placeholder="Find in result"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') find(text)
          if (event.key !== 'Escape') return
          setText('')
          find('')
        }}
        onBlur={() => {
          if (text !== look.arrangement.find) find(text)
        }}
      />
    </label>
  )
}

/** The filters that hold, each to be let go. */
export function Filters({ look, columns }: { look: ResultLook; columns: StatementRun['columns'] }) {
  return look.arrangement.filters.map(({ column, op, value }, at) => (
    <button
      // biome-ignore lint/suspicious/noArrayIndexKey: filters have no name
      key={at}
      type="button"
      className="btn btn--sm"
      title="Let it go"
      onClick={() =>
        void look.change({
          ...look.arrangement,
          filters: look.arrangement.filters.filter((_filter, other) => other !== at),
        })
      }
    >
      <span className="mono small clip">
        {columns[column]?.name} {op} {value.slice(0, 30)}
      </span>
      <IconX className="icon icon--12" />
    </button>
  ))
}
