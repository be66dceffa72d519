// Plain JavaScript for any Node from 20 on: it runs before anything is installed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
const binaries = join(root, 'node_modules', '.bin')

/** The environment of every tool: `node` is the one that package.json pins, not the system's. */
export const toolEnvironment = { ...process.env, PATH: `${binaries}:${process.env.PATH}` }

/** Runs a program in the project's folder with its output shown; returns its exit status. */
export function runTool(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    env: toolEnvironment,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    ...options,
  })
  if (error) console.error(`${command}: ${error.message}`)
  return status ?? 1
}

/** Installs the packages when there are none, or when the lock file is not the one they were installed from. */
export function installPackages() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const stamp = join(root, 'node_modules', '.atlas-lock')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  console.error('Installing packages (once, about a minute)…')
  if (
    runTool('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { stdio: ['ignore', 2, 2] }) !== 0
  ) {
    console.error('The packages could not be installed. Check the network and run the command again.')
    process.exit(1)
  }
  writeFileSync(stamp, lock)
}

const sources = ['src-main', 'src-preload', 'src-renderer', 'electron.vite.config.ts', 'package-lock.json']

function newestChange(path) {
  const info = statSync(path)
  if (!info.isDirectory()) return info.mtimeMs
  return readdirSync(path).reduce((newest, name) => Math.max(newest, newestChange(join(path, name))), 0)
}

/** Builds when a source is newer than the last build. */
export function buildIfNeeded() {
  const stamp = join(root, 'out', '.atlas-built')
  const newest = Math.max(...sources.map((path) => newestChange(join(root, path))))
  if (existsSync(stamp) && statSync(stamp).mtimeMs > newest) return
  console.error('Building (once after a change, a few seconds)…')
  const begun = new Date()
  const args = ['build', '--logLevel', 'warn']
  if (runTool('electron-vite', args, { stdio: ['ignore', 2, 2] }) !== 0) process.exit(1)
  mkdirSync(dirname(stamp), { recursive: true })
  // Dated from the beginning, so that a change made while it built is built the next time.
  writeFileSync(stamp, begun.toISOString())
}
