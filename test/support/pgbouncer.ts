import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, isRoot, postgresIds, type TestServer } from './servers.ts'
import { ownerUser } from './template.ts'

const binary = '/usr/sbin/pgbouncer'

export const hasPgBouncer = existsSync(binary)

/** Starts PgBouncer in front of a test server; the owner of the platform is trusted. */
export async function startPgBouncer(
  server: TestServer,
  mode: 'session' | 'transaction' | 'statement',
): Promise<{ port: number; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'atlas-pgbouncer-'))
  const port = await freePort()
  const users = join(folder, 'users.txt')
  const settings = join(folder, 'pgbouncer.ini')
  writeFileSync(users, `"${ownerUser}" ""\n`)
  writeFileSync(
    settings,
    `[databases]
* = host=${server.host} port=${server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${users}
pool_mode = ${mode}
`,
  )
  if (isRoot) {
    const { uid, gid } = postgresIds()
    for (const path of [folder, users, settings]) chownSync(path, uid, gid)
  }
  const command = isRoot ? ['runuser', '-u', 'postgres', '--', binary] : [binary]
  const [file = '', ...args] = [...command, '--quiet', settings]
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const exited = once(child, 'exit')
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error('PgBouncer did not start')
    await sleep(20)
  }
  return {
    port,
    stop: async () => {
      child.kill()
      await exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.end())
  })
}
