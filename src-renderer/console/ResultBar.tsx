import { IconArrowsDiff, IconHistory, IconPin, IconPinnedFilled, IconRepeat } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { PinnedResult } from '../../src-main/console/sessionContract.ts'
import type { ConsoleRun } from '../../src-main/console/statementContract.ts'
import { client } from '../rpc/client.ts'
import { toFault } from '../ui/fault.ts'
import { formatCount, formatTime } from '../ui/format.ts'
import { MenuButton, type MenuItem } from '../ui/MenuButton.tsx'
import { State } from '../ui/State.tsx'
import { AlertDialog } from './AlertDialog.tsx'
import { ExportMenu } from './ExportMenu.tsx'
import { firstWords, type HeldStatement } from './heldStatement.ts'
import { ImportButton } from './ImportButton.tsx'
import { paces } from './paces.ts'
import type { ComparedPair } from './resultTabs.ts'
import { SnapshotsDialog } from './SnapshotsDialog.tsx'

export type HeldPin = PinnedResult & { statement: HeldStatement }

interface Props {
  id: string
  run: ConsoleRun | undefined
  held: HeldStatement[]
  pinned: HeldPin[]
  shown: HeldStatement | undefined
  tab: string
  hasPlan: boolean
  hasBenchmark: boolean
  hasComparison: boolean
  isWatching: boolean
  /** That came to the tab's channels; undefined where it never listened. */
  notifications: number | undefined
  onChoose: (tab: string) => void
  onCompare: (pair: ComparedPair) => void
  onWatch: (watched: { statement: HeldStatement; everyMs: number }) => void
}

/** The results as tabs, pinned ones marked, and what can be done with the one that is shown. */
export function ResultBar(props: Props) {
  const { run, held, pinned, shown, tab, onChoose } = props
  const isPinned = (resultId: string) => pinned.some(({ statement }) => statement.resultId === resultId)
  const older = pinned.filter(
    ({ statement }) => !held.some(({ resultId }) => resultId === statement.resultId),
  )
  const list = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is chosen may stand where it is scrolled out of sight
  useEffect(() => {
    const chosen = list.current?.querySelector('[aria-selected="true"]')
    chosen?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [tab, held.length])
  const hasFailed = run?.statements.some(({ status }) => status === 'failed') ?? false
  const one = (name: string, title: string, label: React.ReactNode) => (
    <button
      key={name}
      type="button"
      role="tab"
      aria-selected={tab === name}
      title={title}
      onClick={() => onChoose(name)}
    >
      {label}
    </button>
  )
  return (
    <div className="res__bar">
      <div ref={list} className="tabs tabs--flush con__results" role="tablist" aria-label="Results">
        {older.map(({ ranAt, statement }) =>
          one(
            statement.resultId,
            `Pinned, run ${formatTime(ranAt)}\n${firstWords(statement.text)}`,
            <>
              <IconPinnedFilled className="icon icon--12" />
              <span className="clip con__pinned">{statement.title ?? firstWords(statement.text)}</span>
              <span className="t3 num">{formatTime(ranAt).slice(-8, -3)}</span>
            </>,
          ),
        )}
        {held.map((statement, at) =>
          one(
            statement.resultId,
            firstWords(statement.text),
            <>
              {isPinned(statement.resultId) && <IconPinnedFilled className="icon icon--12" />}
              {statement.status !== 'succeeded' && <State name={statement.status} />}
              <span className="clip con__title">
                {statement.title ?? `Result ${held.length > 1 ? at + 1 : ''}`}
              </span>
              <span className="t3 num">{formatCount(statement.rows)}</span>
            </>,
          ),
        )}
        {props.hasComparison && one('compared', 'One result against another', 'Comparison')}
        {props.isWatching &&
          one(
            'watched',
            'A statement that is run again and again',
            <>
              <IconRepeat className="icon icon--12" />
              Watch
            </>,
          )}
        {run &&
          one(
            'messages',
            'What the server said',
            <>
              {hasFailed && <State name="failed" />}
              Messages
              <span className="count">{formatCount(countMessages(run))}</span>
            </>,
          )}
        {props.notifications !== undefined &&
          one(
            'notifications',
            'What came to the channels that this tab listens to',
            <>
              Notifications
              <span className="count">{formatCount(props.notifications)}</span>
            </>,
          )}
        {props.hasPlan && one('plan', 'How the server goes about it', 'Plan')}
        {props.hasBenchmark && one('benchmark', 'How long a statement takes, run by run', 'Benchmark')}
      </div>
      <span className="toolbar__fill" />
      {shown && <ShownTools {...props} shown={shown} isPinned={isPinned(shown.resultId)} />}
      <ImportButton />
      {shown && <ExportMenu statement={shown} />}
    </div>
  )
}

function ShownTools({
  id,
  shown,
  held,
  pinned,
  isPinned,
  onCompare,
  onWatch,
}: Props & { shown: HeldStatement; isPinned: boolean }) {
  const pin = useMutation({
    mutationFn: (wanted: boolean) =>
      client.console.pin({ sessionId: id, resultId: shown.resultId, isPinned: wanted }),
  })
  const [isAlerting, setAlerting] = useState(false)
  const [isLooking, setLooking] = useState(false)
  const isWhole = shown.status !== 'running'
  const own = pinned.find(({ statement }) => statement.resultId === shown.resultId)
  const name = (statement: HeldStatement) => ({ detail: firstWords(statement.text) })
  const others: MenuItem[] = [
    ...pinned
      .filter(({ statement }) => statement.resultId !== shown.resultId)
      .map(({ ranAt, statement }) => ({
        ...name(statement),
        label: `Pinned, ${formatTime(ranAt).slice(-8)}`,
        act: () => onCompare({ before: statement, after: shown }),
      })),
    ...held
      .filter(
        ({ resultId, status }) =>
          resultId !== shown.resultId &&
          status !== 'running' &&
          !pinned.some(({ statement }) => statement.resultId === resultId),
      )
      .map((statement) => ({
        ...name(statement),
        label: `Result ${held.indexOf(statement) + 1}`,
        act: () => onCompare({ before: statement, after: shown }),
      })),
  ]
  return (
    <>
      {pin.error && <span className="small t-fail clip">{toFault(pin.error).message}</span>}
      <button
        type="button"
        className="btn btn--sm btn--ghost"
        aria-pressed={isPinned}
        disabled={!isWhole || pin.isPending}
        title={
          isPinned
            ? 'Let it go: the next run takes its place'
            : 'Keep this result when the tab runs again, and over a restart'
        }
        onClick={() => pin.mutate(!isPinned)}
      >
        {isPinned ? <IconPinnedFilled className="icon icon--14" /> : <IconPin className="icon icon--14" />}
        {isPinned ? 'Unpin' : 'Pin'}
      </button>
      {isPinned && (
        <PinName key={shown.resultId} id={id} resultId={shown.resultId} name={own?.name ?? null} />
      )}
      <MenuButton
        isGhost
        icon={<IconArrowsDiff className="icon icon--14" />}
        label="Compare"
        title={
          others.length > 0
            ? 'What differs from another result'
            : 'Pin a result and run again, or run two statements: then there is something to compare with'
        }
        isDisabled={!isWhole || others.length === 0}
        items={others}
      />
      <MenuButton
        isGhost
        icon={<IconRepeat className="icon icon--14" />}
        label="Watch"
        title="Run it again and again, and see what changes"
        isDisabled={!isWhole}
        items={[
          ...paces.map(([label, everyMs]) => ({
            label: `Every ${label}`,
            act: () => onWatch({ statement: shown, everyMs }),
          })),
          { label: 'Alert me when …', act: () => setAlerting(true) },
        ]}
      />
      <button
        type="button"
        className="btn btn--sm btn--ghost"
        title="What this statement gave when it was run before"
        disabled={!isWhole}
        onClick={() => setLooking(true)}
      >
        <IconHistory className="icon icon--14" />
        Runs
      </button>
      {isLooking && (
        <SnapshotsDialog
          sessionId={id}
          statement={shown}
          onCompare={(before) => onCompare({ before, after: shown })}
          onClose={() => setLooking(false)}
        />
      )}
      {isAlerting && <AlertDialog sessionId={id} statement={shown} onClose={() => setAlerting(false)} />}
    </>
  )
}

function countMessages({ statements }: ConsoleRun): number {
  return statements.reduce((sum, { notices }) => sum + 1 + notices.length, 0)
}

/** The name by which statements read a pinned result. */
function PinName({ id, resultId, name }: { id: string; resultId: string; name: string | null }) {
  const [text, setText] = useState(name ?? '')
  const rename = useMutation({
    mutationFn: (wanted: string | null) =>
      client.console.namePinned({ sessionId: id, resultId, name: wanted }),
  })
  const keep = () => {
    if (text !== (name ?? '')) rename.mutate(text === '' ? null : text)
  }
  return (
    <label
      className="input input--sm con__pinname"
      title={
        rename.error
          ? toFault(rename.error).message
          : 'With a name it is read in any tab: select * from @name'
      }
    >
      @
      <input
        type="text"
        aria-label="Name of the pinned result"
        aria-invalid={rename.error !== null}
        placeholder="name"
        maxLength={40}
        value={text}
        onChange={({ target }) => setText(target.value.replaceAll(/\W/g, ''))}
        onKeyDown={({ key }) => {
          if (key === 'Enter') keep()
        }}
        onBlur={keep}
      />
      {rename.error && <State name="failed" />}
    </label>
  )
}
