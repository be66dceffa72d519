import { spawn } from 'node:child_process'
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config.ts'
import type { Logger } from '../../log.ts'
import { openApp } from '../../services.ts'
import { onInterrupt } from '../interrupt.ts'
import { startServer } from './server.ts'

export interface ServeOptions {
  host: string
  port?: number
  canOpenBrowser: boolean
}

interface Running {
  pid: number
  port: number
  token: string
}

/**
 * Serves the browser edition until it is told to stop. A second one of the same data folder finds the first and prints
 * its address instead: `server.json` (mode 0600) says where it is.
 */
export async function serve(config: Config, log: Logger, options: ServeOptions): Promise<void> {
  const file = join(config.home, 'server.json')
  const other = await findRunning(file)
  if (other) {
    announce(addressOf(other), undefined)
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
  const running = await findRunning(join(config.home, 'server.json'))
  if (!running) return false
  process.kill(running.pid, 'SIGTERM')
  for (let tries = 0; tries < 100 && (await findRunning(join(config.home, 'server.json'))); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return true
}

/** The browser edition that answers at the address of the file; a file of a process that is gone counts for nothing. */
async function findRunning(file: string): Promise<Running | undefined> {
  try {
    const running = JSON.parse(readFileSync(file, 'utf8')) as Running
    const answer = await fetch(`http://127.0.0.1:${running.port}/api/about`, {
      headers: { authorization: `Bearer ${running.token}` },
      signal: AbortSignal.timeout(1000),
    })
    return answer.ok ? running : undefined
  } catch {
    return undefined
  }
}

const addressOf = ({ port, token }: Running) => `http://127.0.0.1:${port}/#token=${token}`

/** Prints the address; where there is a display, opens one that is good for a single session. */
function announce(url: string, urlToOpen: string | undefined) {
  process.stdout.write(`Atlas is ready at ${url}\n`)
  const opener = { darwin: 'open', win32: 'explorer' }[process.platform as string] ?? 'xdg-open'
  const hasDisplay = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY
  if (!urlToOpen || !hasDisplay) return
  spawn(opener, [urlToOpen], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref()
}
