import { lazy, Suspense } from 'react'
import type { CodeEditorProps } from './code.ts'
import { Loading } from './Loading.tsx'

const Pane = lazy(() => import('./CodeEditorPane.tsx').then((module) => ({ default: module.CodeEditorPane })))

/** Monaco for any text, as tall as its parent. It is loaded when the first one is shown. */
export function CodeEditor(props: CodeEditorProps) {
  return (
    <Suspense fallback={<Loading />}>
      <Pane {...props} />
    </Suspense>
  )
}
