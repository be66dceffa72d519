import { ipcMain, MessageChannelMain, utilityProcess } from 'electron'
import { appUrl } from './protocol.ts'

export interface DataProcess {
  /** Hands a port to the data process, which answers on it for one environment. */
  connect(port: Electron.MessagePortMain, environment: string | undefined): void
  stop(): Promise<void>
}

/** Forks the data process, and forks it again when it dies: windows reconnect by reloading. */
export function startDataProcess(path: string): DataProcess {
  let isStopping = false
  let child = fork()

  function fork() {
    const made = utilityProcess.fork(path, [], { serviceName: 'Atlas data', stdio: 'inherit' })
    made.on('exit', () => {
      if (!isStopping) child = fork()
    })
    return made
  }

  return {
    connect: (port, environment) => child.postMessage({ kind: 'connect', environment }, [port]),
    stop: () => {
      isStopping = true
      return new Promise((resolve) => {
        child.once('exit', () => resolve())
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
