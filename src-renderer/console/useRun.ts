import { useState } from 'react'
import { client } from '../rpc/client.ts'
import { toFault } from '../ui/fault.ts'
import type { RunTarget } from '../ui/SqlEditor.tsx'
import { useConsoles } from './tabs.ts'

/** A run that waits for a yes: it destroys, and the environment is production. */
export interface WaitingRun {
  id: string
  text: string
  target: RunTarget | undefined
  message: string
  dangers: string[]
}

/** Runs texts in tabs. What a run does is then told by the tab's session; here is only why one did not begin. */
export function useRun() {
  const [waiting, setWaiting] = useState<WaitingRun>()

  const run = async (id: string, text: string, target?: RunTarget, isConfirmed = false): Promise<void> => {
    const { sessions, maxRows } = useConsoles.getState()
    if (text.trim() === '' || sessions[id]?.isRunning) return
    setWaiting(undefined)
    fail(id, undefined)
    try {
      const feed = await client.console.run({ sessionId: id, text, maxRows, isConfirmed, ...target })
      await feed.return?.(undefined)
    } catch (error) {
      const fault = toFault(error)
      if (fault.code === 'CONFIRMATION_NEEDED') {
        const dangers = fault.detail?.split('\n') ?? []
        setWaiting({ id, text, target, message: fault.message, dangers })
      } else fail(id, error)
    }
  }

  return { run, waiting, dismiss: () => setWaiting(undefined) }
}

function fail(id: string, error: unknown): void {
  useConsoles.setState(({ errors }) => ({ errors: { ...errors, [id]: error } }))
}
