import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The browser edition as a user starts it, in a data folder of its own, on the embedded server. */
export interface RunningAtlas {
  /** With the token in its fragment. */
  url: string
  home: string
  process: ChildProcess
  /** As Ctrl+C does. */
  stop(): Promise<void>
  /** As a crash does: nothing is closed. */
  kill(): Promise<void>
}

const root = join(import.meta.dirname, '..', '..')
const node = join(root, 'node_modules', '.bin', 'node')

/** As scripts/start.mjs gives them. */
const flags = ['--max-semi-space-size=8']

/** A data folder that the account of the embedded server may enter. */
export function makeHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'atlas-home-'))
  chmodSync(home, 0o755)
  return home
}

/** `variables` are given to it beside those of this process. */
export async function startAtlas(
  home = makeHome(),
  variables: Record<string, string> = {},
): Promise<RunningAtlas> {
  const child = spawn(node, [...flags, 'out/main/cli.js', 'serve', '--no-open'], {
    cwd: root,
    env: {
      ...process.env,
      ATLAS_HOME: home,
      ATLAS_LOG_LEVEL: 'warn',
      ATLAS_PIPELINE_LEASE_MS: '3000',
      ...variables,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await new Promise<string>((resolve, reject) => {
    let text = ''
    child.stdout.on('data', (chunk) => {
      text += chunk
      const found = /ready at (\S+)/.exec(text)?.[1]
      if (found) resolve(found)
    })
    child.once('exit', (code) => reject(new Error(`Atlas ended with ${code} before it was ready: ${text}`)))
  })
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  return { url, home, process: child, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') }
}

/** Stops what a killed Atlas left behind, and removes the data folder. */
export async function removeHome(home: string): Promise<void> {
  if (existsSync(join(home, 'postgres', 'data', 'postmaster.pid'))) {
    const child = spawn(node, ['out/main/cli.js', 'stop'], {
      cwd: root,
      env: { ...process.env, ATLAS_HOME: home },
      stdio: 'ignore',
    })
    await once(child, 'exit')
  }
  rmSync(home, { recursive: true, force: true })
}
