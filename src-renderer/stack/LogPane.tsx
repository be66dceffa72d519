import {
  IconArrowsMaximize,
  IconArrowsMinimize,
  IconClock,
  IconCopy,
  IconDownload,
  IconFilter,
  IconSearch,
  IconTextWrap,
} from '@tabler/icons-react'
import { useDeferredValue, useMemo, useRef, useState } from 'react'
import type { Level, LogFilter, LogLine } from '../../src-main/logs/contract.ts'
import { client } from '../rpc/client.ts'
import { useLive } from '../rpc/useLive.ts'
import { toFault } from '../ui/fault.ts'
import { formatBytes, formatCount } from '../ui/format.ts'
import { State } from '../ui/State.tsx'
import { LogDetail } from './LogDetail.tsx'
import { LogList, type LogListHandle } from './LogList.tsx'
import { markPattern, parseSearch } from './logText.ts'
import './log.css'

interface Props {
  project: string | undefined
  services: readonly string[]
  /** From the address. */
  search: string
  service: string
  onChange: (change: { q?: string; log?: string }) => void
}

const windows = [
  { label: 'All of it', minutes: 0 },
  { label: 'Last 5 min', minutes: 5 },
  { label: 'Last 15 min', minutes: 15 },
  { label: 'Last hour', minutes: 60 },
  { label: 'Last day', minutes: 1440 },
]
const copiedLines = 10_000

/** The merged log: searched in full in the backend, drawn as far as one sees. */
export function LogPane({ project, services, search, service, onChange }: Props) {
  const [levels, setLevels] = useState<Level[]>()
  const [isOnlyMatching, setOnlyMatching] = useState(true)
  const [since, setSince] = useState<{ minutes: number; from?: Date }>({ minutes: 0 })
  const [isFollowing, setFollowing] = useState(true)
  const [isWrapped, setWrapped] = useState(false)
  const [hasTimes, setTimes] = useState(true)
  const [isFull, setFull] = useState(false)
  const [current, setCurrent] = useState<{ row: number; match: number }>()
  const [opened, setOpened] = useState<LogLine>()
  const [note, setNote] = useState('')
  const list = useRef<LogListHandle>(null)
  const asked = useDeferredValue(search)
  const parsed = useMemo(() => parseSearch(asked), [asked])
  const pattern = useMemo(() => markPattern(parsed), [parsed])
  const filter: LogFilter = {
    ...parsed,
    isOnlyMatching,
    ...(service && { services: [service] }),
    ...(levels && { levels }),
    ...(since.from && { from: since.from }),
  }
  const key = JSON.stringify({ project, filter })
  const { data: summary, error } = useLive(`logs ${key}`, (signal) =>
    client.logs.watch({ ...(project && { project }), filter }, { signal }),
  )
  const names = useMemo(() => summary?.services.map(({ name }) => name) ?? [], [summary?.services])

  const goToMatch = async (isBackward: boolean) => {
    if (!summary || summary.matches === 0) return
    const from = current?.row ?? (isBackward ? summary.rows : -1)
    const { row, match } = await client.logs.findMatch({ viewId: summary.viewId, row: from, isBackward })
    if (row === null) return
    setCurrent({ row, match })
    list.current?.scrollToRow(row)
  }
  /** Shows a line among its neighbours: without the search, at the same place. */
  const showInContext = (line: LogLine) => {
    setOpened(line)
    setOnlyMatching(false)
    setLevels(undefined)
    setSince({ minutes: 0 })
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
    void client.logs.findRow({ viewId: summary.viewId, line: pending }).then(({ row }) => {
      setCurrent({ row, match: -1 })
      list.current?.scrollToRow(row)
    })
  }
  const gather = async (count?: number) => {
    const parts: string[] = []
    for await (const part of await client.logs.export({
      viewId: summary?.viewId ?? '',
      ...(count && { count }),
    }))
      parts.push(part)
    return parts
  }
  const copy = async () => {
    try {
      await navigator.clipboard.writeText((await gather(copiedLines)).join(''))
      const rows = summary?.rows ?? 0
      setNote(
        rows > copiedLines
          ? `Copied the first ${formatCount(copiedLines)} of ${formatCount(rows)} lines; Download saves all of them.`
          : `Copied ${formatCount(rows)} lines.`,
      )
    } catch (failure) {
      setNote(toFault(failure).message)
    }
  }
  const download = async () => {
    try {
      const url = URL.createObjectURL(new Blob(await gather(), { type: 'text/plain;charset=utf-8' }))
      const link = document.createElement('a')
      link.href = url
      link.download = `${summary?.project ?? 'stack'}${service ? `-${service}` : ''}.log`
      link.click()
      setTimeout(() => URL.revokeObjectURL(url), 10_000)
    } catch (failure) {
      setNote(toFault(failure).message)
    }
  }

  const isOnly = (level: Level) => levels?.length === 1 && levels[0] === level
  return (
    <section className={`stack__log log${isFull ? ' is-full' : ''}`} aria-label="Log">
      <div className="toolbar">
        <b>Log</b>
        <label className="input input--sm log__search">
          <IconSearch className="icon" />
          <input
            type="text"
            aria-label="Search the whole log"
            placeholder="Search, or /regex/"
            value={search}
            onChange={(event) => {
              setCurrent(undefined)
              onChange({ q: event.target.value })
            }}
            onKeyDown={(event) => {
              if (event.key === 'Enter') void goToMatch(event.shiftKey)
              if (event.key === 'Escape') onChange({ q: '' })
            }}
          />
        </label>
        {search && summary && (
          <>
            <span className="small num t2">
              {current && current.match >= 0 ? `${formatCount(current.match + 1)} of ` : ''}
              {formatCount(summary.matches)} found
              {summary.scannedLines < summary.lines &&
                `, ${Math.floor((summary.scannedLines / summary.lines) * 100)} %`}
            </span>
            <button
              type="button"
              className="icon-btn icon-btn--sm"
              title="Only matching lines"
              aria-pressed={isOnlyMatching}
              onClick={() => setOnlyMatching(!isOnlyMatching)}
            >
              <IconFilter className="icon" />
            </button>
          </>
        )}
        <select
          className="input input--sm log__select"
          aria-label="Service of the log"
          value={service}
          onChange={(event) => onChange({ log: event.target.value })}
        >
          <option value="">All services</option>
          {[...new Set([...services, ...names])].map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <fieldset className="seg">
          <legend className="sr">Level</legend>
          <button type="button" aria-pressed={!levels} onClick={() => setLevels(undefined)}>
            All
          </button>
          <button type="button" aria-pressed={isOnly('warn')} onClick={() => setLevels(['warn'])}>
            <State name="warning" label="warnings" />
            <span className="num">{formatCount(summary?.warnings ?? 0)}</span>
          </button>
          <button type="button" aria-pressed={isOnly('error')} onClick={() => setLevels(['error'])}>
            <State name="failed" label="errors" />
            <span className="num">{formatCount(summary?.errors ?? 0)}</span>
          </button>
        </fieldset>
        <select
          className="input input--sm log__select"
          aria-label="Time window"
          value={since.minutes}
          onChange={(event) => {
            const minutes = Number(event.target.value)
            setSince(minutes === 0 ? { minutes } : { minutes, from: new Date(Date.now() - minutes * 60_000) })
          }}
        >
          {windows.map(({ label, minutes }) => (
            <option key={label} value={minutes}>
              {label}
            </option>
          ))}
        </select>
        <span className="toolbar__fill" />
        <span
          className="toolbar__label num"
          title={summary ? `${formatBytes(summary.sizeBytes)} kept on disk` : undefined}
        >
          {summary && (
            <>
              {summary.phase === 'history' && 'reading, '}
              {summary.rows === summary.lines ? '' : `${formatCount(summary.rows)} of `}
              {formatCount(summary.lines)} lines
            </>
          )}
        </span>
        <label className="check small">
          <input
            type="checkbox"
            checked={isFollowing}
            onChange={(event) => setFollowing(event.target.checked)}
          />
          Follow
        </label>
        <Toggle title="Times" isOn={hasTimes} onClick={() => setTimes(!hasTimes)} Icon={IconClock} />
        <Toggle
          title="Wrap lines"
          isOn={isWrapped}
          onClick={() => setWrapped(!isWrapped)}
          Icon={IconTextWrap}
        />
        <Toggle title="Copy" onClick={() => void copy()} Icon={IconCopy} />
        <Toggle title="Download" onClick={() => void download()} Icon={IconDownload} />
        <Toggle
          title={isFull ? 'Beside the stack' : 'Full size'}
          onClick={() => setFull(!isFull)}
          Icon={isFull ? IconArrowsMinimize : IconArrowsMaximize}
        />
      </div>
      {summary?.patternError && (
        <p className="log__note t-fail" role="alert">
          {summary.patternError}
        </p>
      )}
      {error !== undefined && (
        <p className="log__note t-fail" role="alert">
          {toFault(error).message}
        </p>
      )}
      {summary && summary.firstLine > 0 && (
        <p className="log__note">
          The first {formatCount(summary.firstLine)} lines were dropped to keep the log below 2 GB on disk;
          the containers may still have them.
        </p>
      )}
      {note && (
        <p className="log__note" role="status">
          {note}
        </p>
      )}
      {summary?.lines === 0 && (
        <p className="log__note">
          {summary.phase === 'waiting' ? 'Waits for a container of this stack.' : 'Nothing was written yet.'}
        </p>
      )}
      {summary && summary.lines > 0 && summary.rows === 0 && summary.scannedLines >= summary.lines && (
        <p className="log__note">None of {formatCount(summary.lines)} lines fits.</p>
      )}
      <LogList
        ref={list}
        viewId={summary?.viewId}
        rows={summary?.rows ?? 0}
        firstLine={summary?.firstLine ?? 0}
        isFollowing={isFollowing}
        onFollow={setFollowing}
        isWrapped={isWrapped}
        hasTimes={hasTimes}
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
