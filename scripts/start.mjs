import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildIfNeeded, installPackages, root, toolEnvironment } from './prepare.mjs'

installPackages()
buildIfNeeded()

/**
 * V8 lets the space for short-lived values grow to 128 MB and never gives it back: a minute of a busy log leaves 60 MB with a
 * process that holds next to nothing. A small one is swept more often, and as only what lives is copied, that costs no more.
 */
const nodeFlags = ['--max-semi-space-size=8']

const reason = missingForWindow()
if (reason) console.error(`${reason}, so Atlas opens in the browser.`)
const [command, args] = reason
  ? [
      join(root, 'node_modules', '.bin', 'node'),
      [...nodeFlags, 'out/main/cli.js', 'serve', ...process.argv.slice(2)],
    ]
  : [electronBinary(), [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '.']]

const child = spawn(command, args, { cwd: root, env: toolEnvironment, stdio: 'inherit' })
// It ends when it has closed what it opened; of Ctrl+C it hears from the terminal as well.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 0)))

/** In one sentence why there can be no window; undefined where there can. */
function missingForWindow() {
  if (!electronBinary())
    return 'Electron has no binary on this machine (it is fetched by `npx electron --version`, with internet)'
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY)
    return 'There is no display'
  return undefined
}

function electronBinary() {
  const folder = join(root, 'node_modules', 'electron')
  const pathFile = join(folder, 'path.txt')
  if (!existsSync(pathFile)) return undefined
  const binary = join(folder, 'dist', readFileSync(pathFile, 'utf8').trim())
  return existsSync(binary) ? binary : undefined
}
