import { IconHistory, IconPlayerPlay, IconPlayerStop, IconPlus, IconX } from '@tabler/icons-react'
import { lazy, Suspense, useState } from 'react'
import type { ConsoleRun } from '../../src-main/console/contract.ts'
import { client } from '../rpc/client.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { toFault } from '../ui/fault.ts'
import { Loading } from '../ui/Loading.tsx'
import { State } from '../ui/State.tsx'
import { ViewHeader } from '../ui/ViewHeader.tsx'
import { HistoryPane } from './HistoryPane.tsx'
import { ResultPane } from './ResultPane.tsx'
import { addTab, changeText, removeTab, useConsoles } from './tabs.ts'
import './console.css'

const SqlEditor = lazy(() => import('../ui/SqlEditor.tsx').then((module) => ({ default: module.SqlEditor })))

/** SQL in tabs, each with a session of its own: run, read, cancel, find again. */
export function ConsoleView() {
  const { tabs, active, runs, errors } = useConsoles()
  const [hasHistory, setHistory] = useState(true)
  const [waiting, setWaiting] = useState<{ text: string; message: string; object: string }>()
  const tab = tabs.find(({ id }) => id === active) ?? tabs[0]
  if (!tab) return null
  const run = runs[tab.id]
  const isRunning = run?.status === 'running'
  const failed = run?.statements.find(({ error }) => error)

  const execute = async (text: string, isConfirmed = false) => {
    const id = tab.id
    if (text.trim() === '' || useConsoles.getState().runs[id]?.status === 'running') return
    const show = (next: ConsoleRun | undefined, error?: unknown) =>
      useConsoles.setState((state) => ({
        runs: { ...state.runs, [id]: next },
        errors: { ...state.errors, [id]: error },
      }))
    show({ runId: '', status: 'running', transaction: 'idle', durationMs: 0, statements: [] })
    try {
      for await (const step of await client.console.run({ sessionId: id, text, isConfirmed })) show(step)
    } catch (error) {
      const fault = toFault(error)
      if (fault.code === 'CONFIRMATION_NEEDED') {
        setWaiting({ text, message: fault.message, object: fault.object ?? '' })
        show(undefined)
      } else show(undefined, error)
    }
  }
  const close = (id: string) => {
    void client.console.close({ sessionId: id })
    removeTab(id)
  }

  return (
    <>
      <ViewHeader
        title="Console"
        state={
          <>
            {run && run.transaction !== 'idle' && (
              <span className="t-warn">
                <State name="warning" />
                {run.transaction === 'open'
                  ? 'A transaction is open'
                  : 'The transaction has failed: roll it back'}
              </span>
            )}
            {isRunning && (
              <span>
                <State name="running" />
                Running statement {run.statements.length}
              </span>
            )}
          </>
        }
        actions={
          <button
            type="button"
            className={`icon-btn${hasHistory ? ' is-on' : ''}`}
            title="History"
            onClick={() => setHistory(!hasHistory)}
          >
            <IconHistory className="icon" />
          </button>
        }
      />
      <div
        className="view-body con"
        style={hasHistory ? undefined : { gridTemplateColumns: 'minmax(0, 1fr) 0' }}
      >
        <div className="con__tabs" role="tablist" aria-label="Consoles">
          {tabs.map(({ id, title }) => (
            <span key={id} className="row" style={{ gap: 0 }}>
              <button
                type="button"
                role="tab"
                aria-selected={id === tab.id}
                className="ctab"
                style={{ cursor: 'pointer' }}
                onClick={() => useConsoles.setState({ active: id })}
              >
                {runs[id]?.status === 'running' && <State name="running" />}
                {title}
              </button>
              {id === tab.id && (
                <button
                  type="button"
                  className="icon-btn icon-btn--sm"
                  title={`Close ${title}`}
                  onClick={() => close(id)}
                >
                  <IconX className="icon icon--12" />
                </button>
              )}
            </span>
          ))}
          <button type="button" className="icon-btn" title="New tab" onClick={() => addTab()}>
            <IconPlus className="icon icon--14" />
          </button>
        </div>
        <div className="con__bar toolbar">
          <button
            type="button"
            className="btn btn--primary btn--sm"
            disabled={isRunning}
            onClick={() => void execute(tab.text)}
          >
            <IconPlayerPlay className="icon icon--14" />
            Run all
            <span className="keys">
              <kbd>Ctrl</kbd>
              <kbd>Shift</kbd>
              <kbd>Enter</kbd>
            </span>
          </button>
          <button
            type="button"
            className="btn btn--sm"
            disabled={!isRunning}
            onClick={() => void client.console.cancel({ sessionId: tab.id })}
          >
            <IconPlayerStop className="icon icon--14" />
            Cancel
          </button>
          {run && run.transaction !== 'idle' && (
            <span className="tx">
              <span className="tx__state">Transaction {run.transaction}</span>
              <button type="button" className="btn btn--sm" onClick={() => void execute('rollback')}>
                Roll back
              </button>
              {run.transaction === 'open' && (
                <button
                  type="button"
                  className="btn btn--sm tx__commit"
                  onClick={() => void execute('commit')}
                >
                  Commit
                </button>
              )}
            </span>
          )}
          <span className="toolbar__fill" />
          <span className="t3 small">Ctrl+Enter runs the statement at the cursor, or what is selected</span>
        </div>
        <div className="con__main" style={{ gridTemplateRows: 'minmax(120px, 42%) 1px minmax(0, 1fr)' }}>
          <section aria-label="SQL editor" style={{ minHeight: 0, overflow: 'hidden' }}>
            <Suspense fallback={<Loading rows={6} />}>
              <SqlEditor
                name={tab.id}
                initialText={tab.text}
                onChange={(text) => changeText(tab.id, text)}
                onRun={(target) =>
                  void execute(
                    'selection' in target ? target.selection : statementAt(tab.text, target.offset),
                  )
                }
                onRunAll={() =>
                  void execute(useConsoles.getState().tabs.find(({ id }) => id === tab.id)?.text ?? '')
                }
                mark={
                  failed?.error
                    ? { line: failed.error.line, column: failed.error.column, message: failed.error.message }
                    : undefined
                }
              />
            </Suspense>
          </section>
          <div className="con__split" />
          <ResultPane
            key={run?.runId}
            run={run}
            error={errors[tab.id]}
            onStart={(text) => changeTextAndShow(tab.id, text)}
          />
        </div>
        {hasHistory && (
          <HistoryPane
            newest={run?.status === 'running' ? undefined : run?.runId}
            onOpen={(text) => addTab(text)}
          />
        )}
      </div>
      {waiting && (
        <Dialog
          title={`${waiting.message}. Run it on production?`}
          onClose={() => setWaiting(undefined)}
          foot={
            <>
              <span className="grow" />
              <button type="button" className="btn btn--ghost" onClick={() => setWaiting(undefined)}>
                Cancel
              </button>
              <button
                type="button"
                className="btn btn--danger-solid"
                onClick={() => {
                  setWaiting(undefined)
                  void execute(waiting.text, true)
                }}
              >
                Run it
              </button>
            </>
          }
        >
          <pre className="code code--sm">{waiting.object}</pre>
        </Dialog>
      )}
    </>
  )
}

/** A text from outside goes into an empty tab, or into a new one: nothing typed is lost. */
function changeTextAndShow(id: string, text: string) {
  const tab = useConsoles.getState().tabs.find((one) => one.id === id)
  if (tab?.text.trim() === '') {
    removeTab(id)
    addTab(text)
  } else addTab(text)
}

/**
 * The statement around an offset, cut at semicolons outside of quotes and comments. A guess for the key alone: the
 * backend cuts exactly.
 */
function statementAt(text: string, offset: number): string {
  const pieces =
    /(--[^\n]*)|(\/\*[\s\S]*?\*\/)|('(?:[^']|'')*')|("(?:[^"]|"")*")|(\$(\w*)\$[\s\S]*?\$\6\$)|;/g
  let start = 0
  for (const match of text.matchAll(pieces)) {
    if (match[0] !== ';') continue
    if (match.index >= offset || (match.index + 1 === offset && text.slice(offset).trim() === ''))
      return text.slice(start, match.index)
    start = match.index + 1
  }
  return text.slice(start).trim() === '' ? text.slice(0, start) : text.slice(start)
}
