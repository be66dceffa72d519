import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useMemo } from 'react'
import type { SessionState } from '../../src-main/console/sessionContract.ts'
import { client } from '../rpc/client.ts'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { formatCount } from '../ui/format.ts'
import { Loading } from '../ui/Loading.tsx'
import type { EditorHandle, EditorOutcome, RunTarget } from '../ui/SqlEditor.tsx'
import type { SqlKnowledge } from '../ui/sqlEditorCompletion.ts'
import { type ConsoleTab, keepView } from './tabs.ts'
import { changeText, followEditor, openText, versionOf } from './texts.ts'

const SqlEditor = lazy(() => import('../ui/SqlEditor.tsx').then((module) => ({ default: module.SqlEditor })))

interface Props {
  tab: ConsoleTab
  session: SessionState | undefined
  knowledge: SqlKnowledge
  onReady: (handle: EditorHandle) => void
  onRun: (target: RunTarget) => void
  onRunAll: () => void
}

const changes = /^(?:INSERT|UPDATE|DELETE|MERGE|COPY)\b/

/** The statement at an offset, of the text that the backend has as well: it never crosses for this. */
async function locateIn(sessionId: string, cursor: number) {
  const version = await versionOf(sessionId)
  return version === undefined ? null : client.console.locate({ sessionId, version, cursor })
}

/** The editor of a tab, with what its last run did beside each statement. */
export function EditorPane({ tab, session, knowledge, onReady, onRun, onRunAll }: Props) {
  const text = useQuery({
    queryKey: ['console.text', tab.id],
    queryFn: () => openText(tab.id),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  })
  const last = session?.run
  const mark = useMemo(
    () => last?.statements.find(({ error }) => error?.data.position !== undefined)?.error ?? undefined,
    [last],
  )
  // The same words are the same marks: the editor draws them anew only when they change.
  const marks = JSON.stringify(
    (last?.statements ?? []).map(({ line, text, length, status, command, rows }): EditorOutcome => {
      const isChange = status === 'succeeded' && changes.test(command ?? '')
      const note = isChange
        ? `${formatCount(rows)} ${rows === 1 ? 'row' : 'rows'}${session?.transaction === 'idle' ? '' : ', not committed'}`
        : ''
      return { line, text, length, status, note }
    }),
  )
  const outcomes = useMemo(() => JSON.parse(marks) as EditorOutcome[], [marks])
  if (text.error) return <ErrorNotice error={text.error} onRetry={() => void text.refetch()} />
  if (text.data === undefined) return <Loading rows={6} />
  return (
    <Suspense fallback={<Loading rows={6} />}>
      <SqlEditor
        name={tab.id}
        initialText={text.data}
        initialView={tab.view}
        onEdit={changeText}
        onView={keepView}
        onReady={(handle) => {
          followEditor(tab.id, { read: handle.text, size: handle.size })
          onReady(handle)
        }}
        onRun={onRun}
        onRunAll={onRunAll}
        mark={mark}
        outcomes={outcomes}
        locate={(cursor) => locateIn(tab.id, cursor)}
        knowledge={knowledge}
      />
    </Suspense>
  )
}
