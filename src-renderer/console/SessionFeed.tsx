import { useEffect } from 'react'
import type { ConsoleRun } from '../../src-main/console/statementContract.ts'
import { client } from '../rpc/client.ts'
import { useLive } from '../rpc/useLive.ts'
import { addTab, useConsoles } from './tabs.ts'

/** Keeps what the backend says of a tab's session: also of one that began to run before the window was loaded anew. */
export function SessionFeed({ id }: { id: string }) {
  const { data } = useLive(`console.${id}`, (signal) => client.console.watch({ sessionId: id }, { signal }))
  useEffect(() => {
    useConsoles.setState(({ sessions }) => ({ sessions: { ...sessions, [id]: data } }))
  }, [id, data])
  const run = data?.run
  useEffect(() => {
    if (run && run.status !== 'running') openOnce(run)
  }, [run])
  return null
}

const openedKey = 'atlas.console.opened'

/** Opens the texts that `\\e` asked for, once a run, also where the window is loaded anew. */
function openOnce({ runId, statements }: ConsoleRun): void {
  const texts = statements.flatMap(({ opened }) => (opened === null ? [] : [opened]))
  if (texts.length === 0 || sessionStorage.getItem(openedKey) === runId) return
  sessionStorage.setItem(openedKey, runId)
  for (const text of texts) void addTab(text)
}
