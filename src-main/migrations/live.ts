import { idleRunner, type RunnerState } from './state.contract.ts'

/** What the runner of an environment does, for every window that looks. */
export interface Live {
  observe(change: Partial<RunnerState>): void
  current(): RunnerState
  watch(signal: AbortSignal | undefined): AsyncGenerator<RunnerState>
}

const everyMs = 100

/** Holds the newest state and hands it out at most ten times a second. */
export function createLive(): Live {
  let state = idleRunner
  const changes = new EventTarget()

  async function* watch(signal: AbortSignal | undefined): AsyncGenerator<RunnerState> {
    let shown: RunnerState | undefined
    while (!signal?.aborted) {
      if (shown === state) {
        await new Promise<void>((resolve) => {
          changes.addEventListener('change', () => resolve(), { once: true })
          signal?.addEventListener('abort', () => resolve(), { once: true })
        })
      } else {
        shown = state
        yield shown
        await new Promise((resolve) => setTimeout(resolve, everyMs))
      }
    }
  }

  return {
    observe: (change) => {
      state = { ...state, ...change }
      changes.dispatchEvent(new Event('change'))
    },
    current: () => state,
    watch,
  }
}
