import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What a compose command needs to read the same project. */
export interface ComposeCall {
  project: string
  folder: string
  files: string[]
  envFiles: string[]
  profiles: string[]
  /** Of the engine, as DOCKER_HOST. */
  engine: string
}

/**
 * The hashes that the installed `docker-compose` of the first generation gives the services of a project, so that it will
 * call their containers up to date. Empty where `docker compose` is installed (its hashes are computed without it), and
 * where there is no compose or it does not take the files.
 */
export async function oldComposeHashes(call: ComposeCall): Promise<Record<string, string>> {
  const options = { cwd: call.folder, env: { ...process.env, DOCKER_HOST: call.engine }, timeout: 20_000 }
  try {
    await run('docker', ['compose', 'version'], options)
    return {}
  } catch {
    // No plugin: there may be the older command.
  }
  const given = [
    ['--project-name', call.project],
    ['--project-directory', call.folder],
    ...call.files.map((file) => ['--file', file]),
    ...call.envFiles.slice(0, 1).map((file) => ['--env-file', file]),
    ...call.profiles.map((profile) => ['--profile', profile]),
  ].flat()
  try {
    const { stdout } = await run('docker-compose', [...given, 'config', '--hash', '*'], options)
    return Object.fromEntries(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split(' '))
        .filter((entry): entry is [string, string] => entry.length === 2),
    )
  } catch {
    return {}
  }
}
