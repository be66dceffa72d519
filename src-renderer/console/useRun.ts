import { useState } from 'react'
import type { Preview } from '../../src-main/console/contract.ts'
import { client } from '../rpc/client.ts'
import { toFault } from '../ui/fault.ts'
import type { RunTarget } from '../ui/SqlEditor.tsx'
import { useConsoles } from './tabs.ts'

/** A run that waits for a yes: it destroys. */
export interface WaitingRun {
  id: string
  text: string
  target: RunTarget | undefined
}

/** Runs texts in tabs. What a run does is then told by the tab's session; here is only why one did not begin. */
export function useRun() {
  const [waiting, setWaiting] = useState<WaitingRun>()

  const [previewed, setPreviewed] = useState<{ id: string; preview: Preview }>()

  const run = async (
    id: string,
    text: string,
    target?: RunTarget,
    confirmation: { isConfirmed?: boolean; typedName?: string | undefined } = {},
  ): Promise<void> => {
    const { sessions, maxRows } = useConsoles.getState()
    if (text.trim() === '' || sessions[id]?.isRunning) return
    setWaiting(undefined)
    fail(id, undefined)
    try {
      const feed = await client.console.run({ sessionId: id, text, maxRows, ...confirmation, ...target })
      await feed.return?.(undefined)
    } catch (error) {
      const fault = toFault(error)
      if (fault.code === 'CONFIRMATION_NEEDED') setWaiting({ id, text, target })
      else fail(id, error)
    }
  }

  const preview = async ({ id, text, target }: WaitingRun): Promise<void> => {
    setWaiting(undefined)
    fail(id, undefined)
    try {
      setPreviewed({ id, preview: await client.console.preview({ sessionId: id, text, ...target }) })
    } catch (error) {
      fail(id, error)
    }
  }

  return {
    run,
    preview,
    waiting,
    previewed,
    dismiss: () => {
      setWaiting(undefined)
      setPreviewed(undefined)
    },
  }
}

function fail(id: string, error: unknown): void {
  useConsoles.setState(({ errors }) => ({ errors: { ...errors, [id]: error } }))
}
