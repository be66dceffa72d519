import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { RunningAtlas } from './atlas.ts'

const root = join(import.meta.dirname, '..', '..')

/** Runs SQL on the embedded server of a running Atlas, by its own command line. */
export async function runSql({ home }: Pick<RunningAtlas, 'home'>, text: string): Promise<string> {
  const { stdout } = await promisify(execFile)(
    join(root, 'node_modules', '.bin', 'node'),
    ['out/main/cli.js', 'query', text, '--json'],
    { cwd: root, env: { ...process.env, ATLAS_HOME: home } },
  )
  return stdout
}
