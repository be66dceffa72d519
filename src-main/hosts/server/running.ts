import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config.ts'

/** A browser edition that runs. */
export interface Running {
  pid: number
  port: number
  /** Opens every session of it: it goes neither into an argument nor into a log. */
  token: string
}

/** Where the browser edition of a data folder says where it is; nobody but its owner reads it. */
export const fileOfRunning = ({ home }: Pick<Config, 'home'>) => join(home, 'server.json')

/** The browser edition of a data folder, where one answers; a file of a process that is gone counts for nothing. */
export async function findRunning(config: Pick<Config, 'home'>): Promise<Running | undefined> {
  try {
    const running = JSON.parse(readFileSync(fileOfRunning(config), 'utf8')) as Running
    const answer = await ask(running, 'GET', '/api/about')
    return answer.ok ? running : undefined
  } catch {
    return undefined
  }
}

/** The address of a view, without anything secret: a browser that has a session goes there at once. */
export function addressOf({ port }: Pick<Running, 'port'>, path: string): string {
  return `http://127.0.0.1:${port}${path}`
}

/** The same with a token that opens one session and is void then: fit for a process argument. */
export async function mintAddress(running: Running, path: string): Promise<string> {
  const answer = await ask(running, 'POST', '/session/once')
  const { token } = (await answer.json()) as { token: string }
  return `${addressOf(running, path)}#token=${token}`
}

/** Opens an address in the user's browser; false where there is no display for one. */
export function openBrowser(url: string): boolean {
  const opener = { darwin: 'open', win32: 'explorer' }[process.platform as string] ?? 'xdg-open'
  const hasDisplay = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY
  if (!hasDisplay) return false
  spawn(opener, [url], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref()
  return true
}

const ask = ({ port, token }: Running, method: 'GET' | 'POST', path: string) =>
  fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(1000),
  })
