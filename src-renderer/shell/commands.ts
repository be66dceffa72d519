import { useEffect } from 'react'
import { create } from 'zustand'

export interface Command {
  label: string
  run: () => void
}

const useCommandStore = create<{ commands: Command[] }>(() => ({ commands: [] }))

/** Offers the verbs of a view in the palette while the view is shown. `key` changes when the verbs do. */
export function useCommands(commands: Command[], key: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the commands
  useEffect(() => {
    useCommandStore.setState({ commands })
    return () => useCommandStore.setState({ commands: [] })
  }, [key])
}

/** The verbs of the view that is shown. */
export function useViewCommands(): Command[] {
  return useCommandStore(({ commands }) => commands)
}
