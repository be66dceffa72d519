// `npm run dev`: as `npm start`, again at every change of a source, on one address as long as it runs.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { installPackages, root, toolEnvironment } from './prepare.mjs'

installPackages()

const variables = {
  ATLAS_PORT: '8300',
  ATLAS_TOKEN: randomBytes(32).toString('base64url'),
  ...toolEnvironment,
}
const watched = ['src-main', 'src-preload', 'src-renderer'].map((path) => `--watch-path=${path}`)
const child = spawn(
  join(root, 'node_modules', '.bin', 'node'),
  [...watched, '--watch-preserve-output', 'scripts/start.mjs', '--no-open'],
  { cwd: root, env: variables, stdio: 'inherit' },
)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code) => process.exit(code ?? 1))
