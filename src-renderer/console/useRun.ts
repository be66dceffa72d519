import { useState } from 'react'
import type { ParameterValue, Preview } from '../../src-main/console/statementContract.ts'
import { client } from '../rpc/client.ts'
import { toFault } from '../ui/fault.ts'
import type { RunTarget } from '../ui/SqlEditor.tsx'
import type { AskedParameter } from './ParametersDialog.tsx'
import { mayHaveParameters } from './parameterTypes.ts'
import { failOf } from './runErrors.ts'
import { useConsoles } from './tabs.ts'
import type { TextSource } from './texts.ts'

type Values = Record<string, ParameterValue>

/** A run that waits for a yes: it destroys. */
export interface WaitingRun {
  id: string
  source: TextSource
  target: RunTarget | undefined
  parameters?: Values | undefined
}

interface RunOptions {
  parameters?: Values | undefined
  isConfirmed?: boolean
  typedName?: string | undefined
  /** Asks the values also where they are known. */
  asks?: boolean
}

/** Runs texts in tabs. What a run does is then told by the tab's session; here is only why one did not begin. */
export function useRun() {
  const [waiting, setWaiting] = useState<WaitingRun>()
  const [previewed, setPreviewed] = useState<{ id: string; preview: Preview }>()
  const [asking, setAsking] = useState<WaitingRun & { asked: AskedParameter[] }>()
  const [known, setKnown] = useState<Record<string, Values>>({})

  /** The values to run with; undefined where they have to be asked first. */
  const valuesOf = async (run: WaitingRun, asks: boolean): Promise<Values | undefined> => {
    const { id, source, target } = run
    if (run.parameters) return run.parameters
    if ('text' in source && !mayHaveParameters(partOf(source.text, target))) return {}
    const asked = await client.console.listParameters({ sessionId: id, ...source, ...target })
    const values = known[id] ?? {}
    if (asked.length === 0 || (!asks && asked.every(({ name }) => Object.hasOwn(values, name)))) return values
    setAsking({ ...run, asked })
    return undefined
  }

  const run = async (
    id: string,
    source: TextSource,
    target?: RunTarget,
    { asks = false, ...options }: RunOptions = {},
  ): Promise<void> => {
    if ('text' in source && source.text.trim() === '') return
    const { maxRows } = useConsoles.getState()
    setWaiting(undefined)
    setAsking(undefined)
    failOf(id, undefined)
    let parameters: Values | undefined
    try {
      parameters = await valuesOf({ id, source, target, parameters: options.parameters }, asks)
      if (!parameters) return
      const given = parameters
      if (options.parameters) setKnown((all) => ({ ...all, [id]: { ...all[id], ...given } }))
      const feed = await client.console.run({
        sessionId: id,
        ...source,
        maxRows,
        ...options,
        ...target,
        parameters,
      })
      await feed.return?.(undefined)
    } catch (error) {
      const fault = toFault(error)
      if (fault.code === 'CONFIRMATION_NEEDED') setWaiting({ id, source, target, parameters })
      else failOf(id, error)
    }
  }

  const preview = async ({ id, source, target }: WaitingRun): Promise<void> => {
    setWaiting(undefined)
    failOf(id, undefined)
    try {
      setPreviewed({ id, preview: await client.console.preview({ sessionId: id, ...source, ...target }) })
    } catch (error) {
      failOf(id, error)
    }
  }

  /** Runs a statement to its end; tells whether it succeeded. */
  const finish = async (id: string, text: string): Promise<boolean> => {
    failOf(id, undefined)
    try {
      let status = 'failed'
      for await (const state of await client.console.run({ sessionId: id, text })) status = state.status
      return status === 'succeeded'
    } catch (error) {
      failOf(id, error)
      return false
    }
  }

  return {
    run,
    preview,
    finish,
    waiting,
    previewed,
    asking,
    /** The values that a tab was run with last. */
    parametersOf: (id: string): Values => known[id] ?? {},
    dismiss: () => {
      setWaiting(undefined)
      setPreviewed(undefined)
      setAsking(undefined)
    },
  }
}

const partOf = (text: string, target: RunTarget | undefined) =>
  target && 'range' in target ? text.slice(target.range.start, target.range.end) : text
