import { lazy, Suspense } from 'react'
import type { CodeDiffProps } from './code.ts'
import { Loading } from './Loading.tsx'
import './codeDiff.css'

const Pane = lazy(() => import('./CodeDiffPane.tsx').then((module) => ({ default: module.CodeDiffPane })))

/** Two texts side by side with what changed between them, below their titles. As tall as its parent. */
export function CodeDiff({ before, after, language }: CodeDiffProps) {
  return (
    <div className="code-diff">
      <div className="code-diff__titles">
        {[before, after].map(({ title }, side) => (
          <span key={side === 0 ? 'before' : 'after'} className="clip" title={title}>
            {title}
          </span>
        ))}
      </div>
      <div className="code-diff__pane">
        <Suspense fallback={<Loading />}>
          <Pane before={before} after={after} language={language} />
        </Suspense>
      </div>
    </div>
  )
}
