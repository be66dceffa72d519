import { IconFileImport, IconLayoutSidebarRight, IconPlus } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useMemo, useRef, useState } from 'react'
import { client } from '../rpc/client.ts'
import { useCommands } from '../shell/commands.ts'
import { plural } from '../ui/format.ts'
import type { EditorHandle, RunTarget } from '../ui/SqlEditor.tsx'
import { State } from '../ui/State.tsx'
import { ViewHeader } from '../ui/ViewHeader.tsx'
import { measure } from './benchmarks.ts'
import { Clock } from './Clock.tsx'
import { CloseDialog } from './CloseDialog.tsx'
import { ConsoleBar } from './ConsoleBar.tsx'
import { createKnowledge } from './completion.ts'
import { EditorPane } from './EditorPane.tsx'
import { formatSql } from './formatSql.ts'
import { type Command, commandOfKey } from './keys.ts'
import { explain } from './plans.ts'
import { ReadOnlyNote } from './ReadOnlySwitch.tsx'
import { ResultPane } from './ResultPane.tsx'
import { RunDialogs } from './RunDialogs.tsx'
import { RunFileDialog } from './RunFileDialog.tsx'
import { failOf } from './runErrors.ts'
import { SaveDialog } from './SaveDialog.tsx'
import { SessionDialog } from './SessionDialog.tsx'
import { SessionFeed } from './SessionFeed.tsx'
import { SidePane } from './SidePane.tsx'
import { Splitter } from './Splitter.tsx'
import { TabStrip } from './TabStrip.tsx'
import { addTab, removeTab, renameTab, showText, turnTab, useConsoles } from './tabs.ts'
import { sourceOf, textOf } from './texts.ts'
import { useRun } from './useRun.ts'

const sideKey = 'atlas.console.side'
type Opened = 'session' | 'file' | 'save' | undefined

/** The console once its tabs are known: editor above, results below, what was run and saved beside. */
export function Workbench() {
  const { tabs, active, sessions, errors } = useConsoles()
  const [hasSide, setSide] = useState(() => localStorage.getItem(sideKey) !== 'hidden')
  const [closing, setClosing] = useState<string>()
  const [opened, setOpened] = useState<Opened>()
  const running = useRun()
  const cache = useQueryClient()
  const knowledge = useMemo(() => createKnowledge(cache), [cache])
  const editor = useRef<EditorHandle>(undefined)
  const main = useRef<HTMLDivElement>(null)
  const tab = tabs.find(({ id }) => id === active) ?? tabs[0]
  const id = tab?.id ?? ''
  const session = sessions[id]

  const showSide = (isShown: boolean) => {
    localStorage.setItem(sideKey, isShown ? 'shown' : 'hidden')
    setSide(isShown)
  }
  const run = async (target?: RunTarget, asks = false) =>
    running.run(id, await sourceOf(id), target, { asks })
  const remove = async (closed: string) => {
    setClosing(undefined)
    await client.console.close({ sessionId: closed }).catch(() => {})
    await removeTab(closed)
  }
  const close = (wanted: string) => {
    const own = useConsoles.getState().sessions[wanted]
    if (own?.isRunning || (own && own.transaction !== 'idle')) setClosing(wanted)
    else void remove(wanted)
  }
  /** Ends the transaction first; where that fails, the tab stays with the reason. */
  const endAndClose = async (wanted: string, how: 'commit' | 'rollback') => {
    if (how === 'commit' && !(await running.finish(wanted, 'commit'))) return setClosing(undefined)
    await remove(wanted)
  }
  const format = async () => {
    const handle = editor.current
    if (!handle) return
    const target = handle.target()
    const text = handle.text()
    const part = 'range' in target ? text.slice(target.range.start, target.range.end) : text
    try {
      const formatted = await formatSql(part)
      handle.replace(() => formatted)
    } catch (error) {
      failOf(id, error)
    }
  }

  const actions: Record<Command, () => void> = {
    newTab: () => void addTab(),
    closeTab: () => close(id),
    nextTab: () => turnTab(1),
    previousTab: () => turnTab(-1),
    save: () => setOpened('save'),
    format: () => void format(),
    cancel: () => void client.console.cancel({ sessionId: id }),
    side: () => showSide(!hasSide),
    file: () => setOpened('file'),
  }
  const act = useEffectEvent((command: Command) => actions[command]())
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const command = commandOfKey(event)
      if (!command) return
      event.preventDefault()
      event.stopPropagation()
      act(command)
    }
    // Before the editor, which has other plans with some of them.
    window.addEventListener('keydown', press, true)
    return () => window.removeEventListener('keydown', press, true)
  }, [])

  useCommands(
    [
      { label: 'New console tab', run: actions.newTab },
      { label: 'Close this tab', run: actions.closeTab },
      { label: 'Next tab', run: actions.nextTab },
      { label: 'Previous tab', run: actions.previousTab },
      { label: 'Run the whole text', run: () => run() },
      { label: 'Run the statement at the cursor', run: () => run(editor.current?.target()) },
      { label: 'Cancel what runs', run: actions.cancel },
      { label: 'Commit the transaction', run: () => void running.run(id, { text: 'commit' }) },
      { label: 'Roll back the transaction', run: () => void running.run(id, { text: 'rollback' }) },
      { label: 'Format the text', run: actions.format },
      { label: 'Save this text: query, snippet or migration', run: actions.save },
      { label: 'Run a file', run: actions.file },
      {
        label: 'Session: autocommit, isolation, role, search path, timeouts',
        run: () => setOpened('session'),
      },
      { label: 'Show or hide history and saved queries', run: actions.side },
    ],
    `console ${id} ${hasSide}`,
  )
  if (!tab) return null

  const open = tabs.flatMap((one) => sessions[one.id]?.transactionSince ?? [])
  const connected = tabs.filter((one) => sessions[one.id]?.processId).length
  const last = session?.run
  return (
    <>
      {tabs.map((one) => (
        <SessionFeed key={one.id} id={one.id} />
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
            <button type="button" className="btn btn--ghost" onClick={actions.file}>
              <IconFileImport className="icon" />
              Run file
            </button>
            <button
              type="button"
              className="btn btn--ghost"
              aria-pressed={hasSide}
              title="History and saved queries (Alt+H)"
              onClick={actions.side}
            >
              <IconLayoutSidebarRight className="icon" />
              History
            </button>
            <button type="button" className="btn" title="New tab (Alt+N)" onClick={actions.newTab}>
              <IconPlus className="icon" />
              New tab
            </button>
          </>
        }
      />
      <div className={`view-body con${hasSide ? '' : ' con--wide'}`}>
        <TabStrip active={id} onClose={close} />
        <ConsoleBar
          id={id}
          session={session}
          parameters={running.parametersOf(id)}
          onRun={() => run()}
          onCancel={actions.cancel}
          onEnd={(how) => void running.run(id, { text: how })}
          onExplain={(isAnalyzed) => void explain(id, editor.current?.target() ?? { cursor: 0 }, isAnalyzed)}
          onMeasure={(runs) =>
            void measure(id, editor.current?.target() ?? { cursor: 0 }, runs, running.parametersOf(id))
          }
          onFormat={actions.format}
          onSave={actions.save}
          onSession={() => setOpened('session')}
          onParameters={() => void run(editor.current?.target(), true)}
        />
        <ReadOnlyNote id={id} session={session} />
        <div className="con__main" ref={main}>
          <section aria-label="SQL editor" className="con__editor">
            <EditorPane
              tab={tab}
              session={session}
              knowledge={knowledge}
              onReady={(handle) => {
                editor.current = handle
              }}
              onRun={run}
              onRunAll={() => run()}
            />
          </section>
          <Splitter within={main} />
          <ResultPane
            id={id}
            session={session}
            error={errors[id]}
            onStart={(text) => void showText(id, text)}
          />
        </div>
        {hasSide && (
          <SidePane
            newest={last && !session?.isRunning ? last.runId : undefined}
            onOpen={(text, title) => void showText(id, text, title)}
          />
        )}
      </div>
      <RunDialogs running={running} />
      {closing && (
        <CloseDialog
          title={tabs.find((one) => one.id === closing)?.title ?? 'the tab'}
          session={sessions[closing]}
          onEnd={(how) => void endAndClose(closing, how)}
          onClose={() => setClosing(undefined)}
        />
      )}
      {opened === 'session' && session && (
        <SessionDialog id={id} session={session} onClose={() => setOpened(undefined)} />
      )}
      {opened === 'file' && <RunFileDialog onClose={() => setOpened(undefined)} />}
      {opened === 'save' && (
        <SaveDialog
          text={textOf(id)}
          title={tab.title}
          onSaved={(name) => {
            renameTab(id, name)
            setOpened(undefined)
          }}
          onClose={() => setOpened(undefined)}
        />
      )}
    </>
  )
}
