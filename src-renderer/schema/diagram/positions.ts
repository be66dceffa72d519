import { useState } from 'react'
import { chosenEnvironment } from '../../rpc/transport.ts'
import type { Point } from './geometry.ts'

type Moved = Record<string, Point>

/** Where somebody dragged tables to in one diagram of this environment; a restart keeps it. */
export function useMoved(diagram: string) {
  const key = `atlas.diagram.${chosenEnvironment() ?? ''}.${diagram}`
  const [moved, setMoved] = useState<Moved>(() => read(key))
  return {
    moved,
    move: (id: string, to: Point) => setMoved((was) => ({ ...was, [id]: to })),
    /** Keeps what was moved: at the end of a drag rather than at each step of it. */
    keep: () => {
      setMoved((now) => {
        localStorage.setItem(key, JSON.stringify(now))
        return now
      })
    },
    forget: () => {
      localStorage.removeItem(key)
      setMoved({})
    },
  }
}

function read(key: string): Moved {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key) ?? '{}')
    return stored && typeof stored === 'object' ? (stored as Moved) : {}
  } catch {
    return {}
  }
}
