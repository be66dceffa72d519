import { execFile, spawn } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { RunningAtlas } from './atlas.ts'

const root = join(import.meta.dirname, '..', '..')

/** Runs SQL on the embedded server of a running Atlas, by its own command line. */
export function runSql(atlas: Pick<RunningAtlas, 'home'>, text: string): Promise<string> {
  return runBuilt(atlas, ['query', text, '--json'])
}

/** Runs the built command line with the data folder of a running Atlas; resolves to what it printed. */
export async function runBuilt(
  { home }: Pick<RunningAtlas, 'home'>,
  args: string[],
  variables: NodeJS.ProcessEnv = {},
): Promise<string> {
  const { stdout } = await promisify(execFile)(
    join(root, 'node_modules', '.bin', 'node'),
    ['out/main/cli.js', ...args],
    { cwd: root, env: { ...process.env, ATLAS_HOME: home, ...variables } },
  )
  return stdout
}

/** Runs the command line from its sources, with its state in `home`, on a database. */
export function runCli(
  { home, url }: { home: string; url: string },
  args: string[],
  options: { closeAfter?: number; stopAt?: RegExp; variables?: NodeJS.ProcessEnv } = {},
): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      join(root, 'node_modules', '.bin', 'node'),
      ['src-main/hosts/cli/index.ts', ...args],
      { cwd: root, env: { ...process.env, ATLAS_HOME: home, ATLAS_DATABASE_URL: url, ...options.variables } },
    )
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk) => {
      out += chunk
      if (options.closeAfter !== undefined && out.length > options.closeAfter) child.stdout.destroy()
      if (options.stopAt?.test(out)) child.kill('SIGTERM')
    })
    child.stderr.on('data', (chunk) => {
      err += chunk
    })
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, out, err }))
  })
}
