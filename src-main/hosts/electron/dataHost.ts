import { ipcMain, MessageChannelMain, utilityProcess } from 'electron'
import { showAlert } from './alert.ts'
import { appUrl } from './protocol.ts'

export interface DataProcess {
  /** Hands a port to the data process, which answers on it for one environment. */
  connect(port: Electron.MessagePortMain, environment: string | undefined): void
  stop(): Promise<void>
}

const firstPauseMs = 100
const longestPauseMs = 30_000
/** A process that lived this long had begun well: the next fall starts counting anew. */
const steadyMs = 60_000
const stopMs = 15_000

/** As scripts/start.mjs gives the browser edition. A utility process takes flags of V8 from this switch alone. */
const execArgv = ['--js-flags=--max-semi-space-size=8']

/**
 * Forks the data process, and forks it again when it dies, after a pause that doubles while it keeps dying at once.
 * Windows whose port closes reload and get a new one.
 */
export function startDataProcess(path: string): DataProcess {
  let isStopping = false
  let pauseMs = firstPauseMs
  let child = fork()

  function fork() {
    const begun = Date.now()
    const made = utilityProcess.fork(path, [], { execArgv, serviceName: 'Atlas data', stdio: 'inherit' })
    made.on('message', (message: unknown) => {
      const { kind, title } = Object(message) as { kind?: unknown; title?: unknown }
      if (kind === 'alert' && typeof title === 'string') showAlert(title)
    })
    made.once('exit', () => {
      if (isStopping) return
      pauseMs = Date.now() - begun > steadyMs ? firstPauseMs : Math.min(pauseMs * 2, longestPauseMs)
      setTimeout(() => {
        if (!isStopping) child = fork()
      }, pauseMs)
    })
    return made
  }

  return {
    connect: (port, environment) => child.postMessage({ kind: 'connect', environment }, [port]),
    stop: () => {
      isStopping = true
      return new Promise((resolve) => {
        // One that fell, or that hangs, must not keep the app from ending.
        if (child.pid === undefined) return resolve()
        const deadline = setTimeout(() => child.kill(), stopMs)
        child.once('exit', () => {
          clearTimeout(deadline)
          resolve()
        })
        child.postMessage({ kind: 'stop' })
      })
    },
  }
}

/** Answers a window that asks for its port: one end to the data process, the other to the window. */
export function connectWindows(data: DataProcess): void {
  ipcMain.on('atlas:connect', (event, environment: unknown) => {
    if (!event.senderFrame?.url.startsWith(appUrl)) return
    const { port1, port2 } = new MessageChannelMain()
    data.connect(port1, typeof environment === 'string' ? environment : undefined)
    event.sender.postMessage('atlas:port', null, [port2])
  })
}
