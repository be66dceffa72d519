import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import type { Config } from '../../config.ts'
import type { Logger } from '../../log.ts'
import { openApp } from '../../services.ts'
import { onInterrupt } from '../interrupt.ts'
import { fileOfRunning, findRunning, openBrowser } from './running.ts'
import { startServer } from './server.ts'

export interface ServeOptions {
  host: string
  port?: number
  canOpenBrowser: boolean
}

/**
 * Serves the browser edition until it is told to stop. A second one of the same data folder finds the first and prints
 * its address instead: `server.json` (mode 0600) says where it is.
 */
export async function serve(config: Config, log: Logger, options: ServeOptions): Promise<void> {
  const file = fileOfRunning(config)
  const other = await findRunning(config)
  if (other) {
    announce(`http://127.0.0.1:${other.port}/#token=${other.token}`, undefined)
    return
  }
  const app = await openApp(config, 'server', log)
  try {
    const address = { host: options.host, port: options.port ?? config.server.port }
    const server = await startServer(app, { ...config.server, ...address }, log)
    writeFileSync(file, JSON.stringify({ pid: process.pid, port: server.port, token: server.token }), {
      mode: 0o600,
    })
    chmodSync(file, 0o600)
    // Asked for before anybody knows that there is something to stop.
    const stopped = new Promise<void>((resolve) => onInterrupt(() => resolve()))
    // A token that was given is valid for longer than this process, and what is no terminal is a log.
    const isSecret = config.server.token !== undefined && !process.stdout.isTTY
    announce(
      isSecret ? `http://127.0.0.1:${server.port}/, with the token of ATLAS_TOKEN` : server.url,
      options.canOpenBrowser ? server.mintUrl() : undefined,
    )
    // The first environment's server starts now, not with the first click.
    void app
      .services()
      .health.get(undefined, {})
      .catch(() => {})
    await stopped
    await server.close()
  } finally {
    await app.close()
  }
  rmSync(file, { force: true })
}

/** Tells a running browser edition of this data folder to stop, and stops the embedded server. True where one ran. */
export async function stopServing(config: Config): Promise<boolean> {
  const running = await findRunning(config)
  if (!running) return false
  process.kill(running.pid, 'SIGTERM')
  for (let tries = 0; tries < 100 && (await findRunning(config)); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return true
}

/** Prints the address; where there is a display, opens one that is good for a single session. */
function announce(url: string, urlToOpen: string | undefined) {
  process.stdout.write(`Atlas is ready at ${url}\n`)
  if (urlToOpen) openBrowser(urlToOpen)
}
