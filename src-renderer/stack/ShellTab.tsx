import { IconTerminal2 } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import type { Container } from '../../src-main/containers/contract.ts'
import { client } from '../rpc/client.ts'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { toFault } from '../ui/fault.ts'
import { Terminal } from '../ui/Terminal.tsx'
import type { TerminalHandle, TerminalSize } from '../ui/terminalProps.ts'
import { DebugShell } from './DebugShell.tsx'

/** A shell in the container, opened when one asks for it and ended with the tab. */
export function ShellTab({ container }: { container: Container }) {
  const [attempt, setAttempt] = useState(0)
  const [failure, setFailure] = useState<unknown>()
  const [exitCode, setExitCode] = useState<number | null>()
  /** Of a debug shell, the image that it comes from. */
  const [image, setImage] = useState<string>()
  const shellId = useRef<string>(undefined)
  const abort = useRef<AbortController>(undefined)
  useEffect(() => () => abort.current?.abort(), [])

  const begin = (from?: string) => {
    setImage(from)
    setFailure(undefined)
    setExitCode(undefined)
    setAttempt((was) => was + 1)
  }
  const connect = async (terminal: TerminalHandle, { columns, rows }: TerminalSize) => {
    abort.current?.abort()
    const own = new AbortController()
    abort.current = own
    try {
      const feed = await client.containerShell.open(
        { id: container.id, ...(image && { image }), columns, rows },
        { signal: own.signal },
      )
      for await (const event of feed) {
        if (event.kind === 'opened') shellId.current = event.shellId
        else if (event.kind === 'output') terminal.write(event.text)
        else setExitCode(event.exitCode)
      }
    } catch (error) {
      if (!own.signal.aborted) setFailure(error)
    } finally {
      shellId.current = undefined
    }
  }

  if (container.state !== 'running')
    return <p className="small t2">It does not run: there is nothing to open a shell in.</p>
  const hasEnded = exitCode !== undefined || failure !== undefined
  const hasNoShell = failure !== undefined && toFault(failure).code === 'UNSUPPORTED'
  return (
    <>
      {(hasNoShell || (hasEnded && image)) && (
        <DebugShell container={container} last={image} onOpen={begin} />
      )}
      {failure !== undefined && <ErrorNotice error={failure} />}
      {exitCode !== undefined && (
        <p className="small t2" role="status">
          The shell ended{exitCode === null ? '' : ` with ${exitCode}`}.
        </p>
      )}
      {attempt > 0 && !hasEnded && image && (
        <p className="small t2">
          A shell of <span className="mono">{image}</span> beside it, on its network and among its processes;
          its files are below <span className="mono">/proc/1/root</span>.
        </p>
      )}
      {(attempt === 0 || (hasEnded && !hasNoShell && !image)) && (
        <button type="button" className="btn" style={{ alignSelf: 'flex-start' }} onClick={() => begin()}>
          <IconTerminal2 className="icon" />
          {attempt === 0 ? `Open a shell in ${container.name}` : 'Open another'}
        </button>
      )}
      {attempt > 0 && !hasEnded && (
        <div style={{ flex: 1, minHeight: 220 }}>
          <Terminal
            key={attempt}
            label={`Shell in ${container.name}`}
            onReady={(terminal, size) => void connect(terminal, size)}
            onInput={(text) => {
              if (shellId.current)
                void client.containerShell.write({ shellId: shellId.current, text }).catch(() => {})
            }}
            onResize={(size) => {
              if (shellId.current)
                void client.containerShell.resize({ shellId: shellId.current, ...size }).catch(() => {})
            }}
          />
        </div>
      )}
    </>
  )
}
