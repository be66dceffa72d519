import type { SessionState } from './sessionContract.ts'

const pauseMs = 100

/** Tells whoever watches a tab of its state. */
export function createTabFeed(state: () => SessionState) {
  const changes = new EventTarget()
  let watchers = 0

  return {
    isWatched: () => watchers > 0,

    /** At a turn somebody waits for what comes: it is told at once. */
    changed: (isTurn = false) => void changes.dispatchEvent(new Event(isTurn ? 'turn' : 'change')),

    /** The state now and after every change: at a turn at once, else at most ten times a second. */
    async *watch(signal: AbortSignal | undefined): AsyncGenerator<SessionState> {
      let wake = () => {}
      let hurry = () => {}
      let isDirty = true
      const mark = ({ type }: Event) => {
        isDirty = true
        wake()
        if (type !== 'change') hurry()
      }
      changes.addEventListener('change', mark)
      changes.addEventListener('turn', mark)
      signal?.addEventListener('abort', mark)
      watchers++
      try {
        while (!signal?.aborted) {
          if (isDirty) {
            isDirty = false
            yield state()
            await new Promise<void>((resolve) => {
              const timer = setTimeout(resolve, pauseMs)
              hurry = () => {
                clearTimeout(timer)
                resolve()
              }
            })
          } else {
            await new Promise<void>((resolve) => {
              wake = resolve
            })
          }
        }
      } finally {
        watchers--
        changes.removeEventListener('change', mark)
        changes.removeEventListener('turn', mark)
        signal?.removeEventListener('abort', mark)
      }
    },
  }
}
