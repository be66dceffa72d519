import { IconHistory, IconPlus } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useMemo, useRef, useState } from 'react'
import { client } from '../rpc/client.ts'
import { useCommands } from '../shell/commands.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { plural } from '../ui/format.ts'
import { Loading } from '../ui/Loading.tsx'
import { State } from '../ui/State.tsx'
import { ViewHeader } from '../ui/ViewHeader.tsx'
import { Clock } from './Clock.tsx'
import { ConsoleBar } from './ConsoleBar.tsx'
import { createCompletion } from './completion.ts'
import { GuardDialog } from './GuardDialog.tsx'
import { HistoryPane } from './HistoryPane.tsx'
import { PreviewDialog } from './PreviewDialog.tsx'
import { ResultPane } from './ResultPane.tsx'
import { SessionFeed } from './SessionFeed.tsx'
import { Splitter } from './Splitter.tsx'
import { TabStrip } from './TabStrip.tsx'
import { addTab, changeText, removeTab, showText, useConsoles } from './tabs.ts'
import { useRun } from './useRun.ts'
import './console.css'
import './consoleParts.css'

const SqlEditor = lazy(() => import('../ui/SqlEditor.tsx').then((module) => ({ default: module.SqlEditor })))

/** SQL in tabs, each with a session of its own: run, read, cancel, find again. */
export function ConsoleView() {
  const { tabs, active, sessions, errors } = useConsoles()
  const [hasHistory, setHistory] = useState(true)
  const [closing, setClosing] = useState<string>()
  const { run, preview, waiting, previewed, dismiss } = useRun()
  const cache = useQueryClient()
  const complete = useMemo(() => createCompletion(cache), [cache])
  const main = useRef<HTMLDivElement>(null)
  const tab = tabs.find(({ id }) => id === active) ?? tabs[0]
  const session = tab && sessions[tab.id]
  const last = session?.run
  const mark = useMemo(
    () => last?.statements.find(({ error }) => error?.data.position !== undefined)?.error ?? undefined,
    [last],
  )
  const marks = JSON.stringify(last?.statements.map(({ line, status }) => ({ line, status })) ?? [])
  const outcomes = useMemo(() => JSON.parse(marks) as { line: number; status: 'succeeded' }[], [marks])
  useCommands([{ label: 'New console tab', run: () => addTab() }], 'console')
  if (!tab) return null

  const close = (id: string, isConfirmed = false) => {
    const open = sessions[id]
    if (!isConfirmed && (open?.isRunning || (open && open.transaction !== 'idle'))) return setClosing(id)
    setClosing(undefined)
    void client.console.close({ sessionId: id })
    removeTab(id)
  }
  const text = () => useConsoles.getState().tabs.find(({ id }) => id === tab.id)?.text ?? ''
  const open = tabs.flatMap(({ id }) => sessions[id]?.transactionSince ?? [])
  const connected = tabs.filter(({ id }) => sessions[id]?.processId).length

  return (
    <>
      {tabs.map(({ id }) => (
        <SessionFeed key={id} id={id} />
      ))}
      <ViewHeader
        title="Console"
        state={
          <>
            {open[0] && (
              <span>
                <State name="warning" />
                {plural(open.length, 'transaction')} open for <Clock since={open[0]} />
              </span>
            )}
            <span>
              {plural(tabs.length, 'tab')}, {plural(connected, 'session')}
            </span>
            <span>every text is kept on this machine</span>
          </>
        }
        actions={
          <>
            <button
              type="button"
              className="btn btn--ghost"
              aria-pressed={hasHistory}
              onClick={() => setHistory(!hasHistory)}
            >
              <IconHistory className="icon" />
              History
            </button>
            <button type="button" className="btn" onClick={() => addTab()}>
              <IconPlus className="icon" />
              New tab
            </button>
          </>
        }
      />
      <div className={`view-body con${hasHistory ? '' : ' con--wide'}`}>
        <TabStrip active={tab.id} onClose={close} />
        <ConsoleBar
          id={tab.id}
          session={session}
          onRun={() => void run(tab.id, text())}
          onCancel={() => void client.console.cancel({ sessionId: tab.id })}
          onEnd={(how) => void run(tab.id, how)}
        />
        <div className="con__main" ref={main}>
          <section aria-label="SQL editor" className="con__editor">
            <Suspense fallback={<Loading rows={6} />}>
              <SqlEditor
                name={tab.id}
                initialText={tab.text}
                onChange={(next) => changeText(tab.id, next)}
                onRun={(target) => void run(tab.id, text(), target)}
                onRunAll={() => void run(tab.id, text())}
                mark={mark}
                outcomes={outcomes}
                locate={(whole, cursor) => client.console.locate({ text: whole, cursor })}
                complete={complete}
              />
            </Suspense>
          </section>
          <Splitter within={main} />
          <ResultPane session={session} error={errors[tab.id]} onStart={(start) => showText(tab.id, start)} />
        </div>
        {hasHistory && (
          <HistoryPane newest={last && !session?.isRunning ? last.runId : undefined} onOpen={addTab} />
        )}
      </div>
      {waiting && (
        <GuardDialog
          waiting={waiting}
          onRun={(typedName) =>
            void run(waiting.id, waiting.text, waiting.target, { isConfirmed: true, typedName })
          }
          onPreview={() => void preview(waiting)}
          onClose={dismiss}
        />
      )}
      {previewed && (
        <PreviewDialog
          preview={previewed.preview}
          onEnd={(how) => {
            dismiss()
            void run(previewed.id, how)
          }}
          onClose={dismiss}
        />
      )}
      {closing && (
        <Dialog
          title="Close this tab?"
          onClose={() => setClosing(undefined)}
          foot={
            <>
              <span className="grow" />
              <button type="button" className="btn" onClick={() => setClosing(undefined)}>
                Keep it open
              </button>
              <button type="button" className="btn btn--danger-solid" onClick={() => close(closing, true)}>
                Close and roll back
              </button>
            </>
          }
        >
          <p>
            {sessions[closing]?.isRunning
              ? 'It runs a statement, which would be cancelled.'
              : `Its transaction is open: ${plural(sessions[closing]?.changedRows ?? 0, 'changed row')} would be rolled back.`}
          </p>
        </Dialog>
      )}
    </>
  )
}
