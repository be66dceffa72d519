import {
  IconArrowsMaximize,
  IconArrowsMinimize,
  IconClock,
  IconCopy,
  IconDownload,
  IconLayoutColumns,
  IconListNumbers,
  IconTextWrap,
  IconX,
} from '@tabler/icons-react'
import { useDeferredValue, useMemo, useRef, useState } from 'react'
import type { LogFilter, LogLine, LogSummary } from '../../src-main/logs/contract.ts'
import { client } from '../rpc/client.ts'
import { useLive } from '../rpc/useLive.ts'
import { formatBytes, formatCount } from '../ui/format.ts'
import { LogDetail } from './LogDetail.tsx'
import { LogList, type LogListHandle } from './LogList.tsx'
import { everything, LogNarrow } from './LogNarrow.tsx'
import { LogNotes } from './LogNotes.tsx'
import { LogSearch } from './LogSearch.tsx'
import { markPattern, parseSearch } from './logText.ts'
import { useLogText } from './useLogText.ts'
import './log.css'

interface Props {
  project: string | undefined
  services: readonly string[]
  /** From the address. */
  search: string
  service: string
  onChange: (change: { q?: string; log?: string }) => void
  label?: string
  isFull?: boolean
  onFull?: () => void
  /** Opens another beside it, or closes this one. */
  onSplit?: (() => void) | undefined
  onClose?: () => void
}

/** The merged log: searched in full in the backend, drawn as far as one sees. */
export function LogPane({
  project,
  services,
  search,
  service,
  onChange,
  label = 'Log',
  isFull = false,
  onFull,
  onSplit,
  onClose,
}: Props) {
  const [narrowing, setNarrowing] = useState(everything)
  const [isOnlyMatching, setOnlyMatching] = useState(true)
  const [isFollowing, setFollowing] = useState(true)
  const [isWrapped, setWrapped] = useState(false)
  const [hasTimes, setTimes] = useState(true)
  const [hasNumbers, setNumbers] = useState(false)
  const [current, setCurrent] = useState<{ row: number; match: number }>()
  const [opened, setOpened] = useState<LogLine>()
  const list = useRef<LogListHandle>(null)
  const asked = useDeferredValue(search)
  const parsed = useMemo(() => parseSearch(asked), [asked])
  const pattern = useMemo(() => markPattern(parsed), [parsed])
  const filter: LogFilter = {
    ...parsed,
    isOnlyMatching,
    ...(service && { services: [service] }),
    ...(narrowing.level && { levels: [narrowing.level] }),
    ...(narrowing.from && { from: narrowing.from }),
  }
  const key = JSON.stringify({ project, filter })
  const { data: summary, error } = useLive(`logs ${key}`, (signal) =>
    client.logs.watch({ ...(project && { project }), filter }, { signal }),
  )
  const { note, copy, download } = useLogText(summary, service)

  const showRow = (row: number, match: number) => {
    setCurrent({ row, match })
    list.current?.scrollToRow(row)
  }
  const goToMatch = async (isBackward: boolean) => {
    if (!summary || summary.matches === 0) return
    const from = current?.row ?? (isBackward ? summary.rows : -1)
    const { row, match } = await client.logs.findMatch({ viewId: summary.viewId, row: from, isBackward })
    if (row !== null) showRow(row, match)
  }
  /** Shows a line among its neighbours: without the search, at the same place. */
  const showInContext = (line: LogLine) => {
    setOpened(line)
    setOnlyMatching(false)
    setNarrowing(everything)
    onChange({ q: search, log: '' })
    setFollowing(false)
    setPending(line.line)
  }
  const [pending, setPending] = useState<number>()
  if (
    pending !== undefined &&
    summary &&
    summary.scannedLines > pending &&
    summary.rows >= summary.lines - summary.firstLine
  ) {
    setPending(undefined)
    void client.logs.findRow({ viewId: summary.viewId, line: pending }).then(({ row }) => showRow(row, -1))
  }

  return (
    <section className="log" aria-label={label}>
      <div className="toolbar">
        <b>{label}</b>
        <LogSearch
          typed={search}
          summary={summary}
          match={current && current.match >= 0 ? current.match : undefined}
          isOnlyMatching={isOnlyMatching}
          onType={(text) => {
            setCurrent(undefined)
            onChange({ q: text })
          }}
          onGo={(isBackward) => void goToMatch(isBackward)}
          onOnlyMatching={setOnlyMatching}
        />
        <LogNarrow
          summary={summary}
          services={services}
          service={service}
          onService={(name) => onChange({ log: name })}
          narrowing={narrowing}
          onNarrow={setNarrowing}
        />
        <span className="toolbar__fill" />
        <span
          className="toolbar__label num"
          title={summary ? `${formatBytes(summary.sizeBytes)} kept on disk` : undefined}
        >
          {summary && countOf(summary)}
        </span>
        <label className="check small">
          <input
            type="checkbox"
            checked={isFollowing}
            onChange={(event) => setFollowing(event.target.checked)}
          />
          Follow
        </label>
        <Toggle
          title="Line numbers"
          isOn={hasNumbers}
          onClick={() => setNumbers(!hasNumbers)}
          Icon={IconListNumbers}
        />
        <Toggle title="Times" isOn={hasTimes} onClick={() => setTimes(!hasTimes)} Icon={IconClock} />
        <Toggle
          title="Wrap lines"
          isOn={isWrapped}
          onClick={() => setWrapped(!isWrapped)}
          Icon={IconTextWrap}
        />
        <Toggle title="Copy" onClick={copy} Icon={IconCopy} />
        <Toggle title="Download" onClick={download} Icon={IconDownload} />
        {onSplit && <Toggle title="Another log beside it" onClick={onSplit} Icon={IconLayoutColumns} />}
        {onFull && (
          <Toggle
            title={isFull ? 'Beside the stack' : 'Full size'}
            onClick={onFull}
            Icon={isFull ? IconArrowsMinimize : IconArrowsMaximize}
          />
        )}
        {onClose && <Toggle title="Close this log" onClick={onClose} Icon={IconX} />}
      </div>
      <LogNotes summary={summary} error={error} note={note} />
      <LogList
        ref={list}
        viewId={summary?.viewId}
        rows={summary?.rows ?? 0}
        firstLine={summary?.firstLine ?? 0}
        isFollowing={isFollowing}
        onFollow={setFollowing}
        isWrapped={isWrapped}
        hasTimes={hasTimes}
        digits={hasNumbers ? String(summary?.lines ?? 0).length : 0}
        services={services}
        pattern={summary?.patternError ? undefined : pattern}
        current={current?.row}
        onOpen={(line) => {
          setFollowing(false)
          setOpened(line)
        }}
      />
      {opened && (
        <LogDetail
          line={opened}
          onClose={() => setOpened(undefined)}
          onContext={() => showInContext(opened)}
        />
      )}
    </section>
  )
}

/** `reading, 12 of 3,400 lines` */
function countOf({ phase, rows, lines }: LogSummary): string {
  const shown = rows === lines ? '' : `${formatCount(rows)} of `
  return `${phase === 'history' ? 'reading, ' : ''}${shown}${formatCount(lines)} lines`
}

interface ToggleProps {
  title: string
  isOn?: boolean
  onClick: () => void
  Icon: typeof IconCopy
}

function Toggle({ title, isOn, onClick, Icon }: ToggleProps) {
  return (
    <button
      type="button"
      className="icon-btn icon-btn--sm"
      title={title}
      aria-pressed={isOn}
      onClick={onClick}
    >
      <Icon className="icon" />
    </button>
  )
}
