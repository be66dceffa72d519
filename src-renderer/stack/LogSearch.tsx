import { IconFilter, IconSearch } from '@tabler/icons-react'
import type { LogSummary } from '../../src-main/logs/contract.ts'
import { formatCount } from '../ui/format.ts'

interface Props {
  typed: string
  summary: LogSummary | undefined
  /** Which of the matches is looked at, from 0; undefined where none is. */
  match: number | undefined
  isOnlyMatching: boolean
  onType: (text: string) => void
  onGo: (isBackward: boolean) => void
  onOnlyMatching: (isOnlyMatching: boolean) => void
}

/** What is searched for in the whole log, and how far the search is. */
export function LogSearch({ typed, summary, match, isOnlyMatching, onType, onGo, onOnlyMatching }: Props) {
  return (
    <>
      <label className="input input--sm log__search">
        <IconSearch className="icon" />
        <input
          type="text"
          aria-label="Search the whole log"
          placeholder="Search, field=value, or /regex/"
          value={typed}
          onChange={(event) => onType(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') onGo(event.shiftKey)
            if (event.key === 'Escape') onType('')
          }}
        />
      </label>
      {typed && summary && (
        <>
          <span className="small num t2">
            {match === undefined ? '' : `${formatCount(match + 1)} of `}
            {formatCount(summary.matches)} found
            {summary.scannedLines < summary.lines &&
              `, ${Math.floor((summary.scannedLines / summary.lines) * 100)} %`}
          </span>
          <button
            type="button"
            className="icon-btn icon-btn--sm"
            title="Only matching lines"
            aria-pressed={isOnlyMatching}
            onClick={() => onOnlyMatching(!isOnlyMatching)}
          >
            <IconFilter className="icon" />
          </button>
        </>
      )}
    </>
  )
}
