import { lazy, Suspense } from 'react'
import { Loading } from './Loading.tsx'
import type { TerminalProps } from './terminalProps.ts'

const Pane = lazy(() => import('./TerminalPane.tsx').then((module) => ({ default: module.TerminalPane })))

/** A terminal as large as its parent. xterm is loaded when the first one is shown. */
export function Terminal(props: TerminalProps) {
  return (
    <Suspense fallback={<Loading rows={4} />}>
      <Pane {...props} />
    </Suspense>
  )
}
