import { type RefObject, useEffect, useState } from 'react'

const key = 'atlas.console.split'
const step = 4

/** Shares the height between the editor and the results; remembers its place. Arrow keys move it. */
export function Splitter({ within }: { within: RefObject<HTMLDivElement | null> }) {
  const [percent, setPercent] = useState(() => Number(localStorage.getItem(key)) || 45)
  useEffect(() => {
    within.current?.style.setProperty('--editor', `${percent}%`)
    localStorage.setItem(key, String(percent))
  }, [percent, within])
  const move = (next: number) => setPercent(Math.min(85, Math.max(12, next)))
  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule cannot be moved
    <div
      className="con__split"
      role="separator"
      aria-label="Height of the editor"
      aria-orientation="horizontal"
      aria-valuenow={Math.round(percent)}
      tabIndex={0}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        const area = within.current?.getBoundingClientRect()
        if (!area || !event.currentTarget.hasPointerCapture(event.pointerId)) return
        move(((event.clientY - area.top) / area.height) * 100)
      }}
      onKeyDown={(event) => {
        if (event.key === 'ArrowUp') move(percent - step)
        if (event.key === 'ArrowDown') move(percent + step)
      }}
    />
  )
}
