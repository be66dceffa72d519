import { type SpawnOptions, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { AtlasError } from '../errors.ts'
import {
  type Account,
  asAccount,
  bundledBinaries,
  reachableByOthers,
  run,
  serverAccount,
} from './embeddedBinaries.ts'
import type { PostgresTarget } from './postgres.ts'

/** The server that Atlas brings along: one data folder, one postmaster, shared by every Atlas process of this home. */
export interface EmbeddedPostgres {
  /** Starts the server, or adopts the one that already runs on the data folder, and says where it listens. */
  start(): Promise<PostgresTarget>
  /** Leaves the server; the last Atlas process that leaves stops it. */
  close(): Promise<void>
  /** Stops the server whoever else uses it. */
  stop(): Promise<void>
}

/** What the embedded server of a home writes of itself. */
export const embeddedLogOf = (home: string) => join(home, 'postgres', 'server.log')

/**
 * The embedded PostgreSQL below `home/postgres`. `pg_ctl` starts it in a session of its own, so that neither Ctrl+C
 * nor a killed Atlas takes it down half way: what a killed process leaves behind is found through
 * `postmaster.pid` and adopted. Each process that uses it leaves a file in `clients/`, named by its process id.
 */
export function createEmbeddedPostgres(home: string, database: string): EmbeddedPostgres {
  const folder = join(home, 'postgres')
  const data = join(folder, 'data')
  const clients = join(folder, 'clients')
  const log = embeddedLogOf(home)
  const passwordFile = join(folder, 'password')
  const clientFile = join(clients, String(process.pid))
  let starting: Promise<PostgresTarget> | undefined

  async function open(): Promise<PostgresTarget> {
    const account = await serverAccount()
    mkdirSync(clients, { recursive: true })
    const binaries = await binariesFor(account)
    writeFileSync(clientFile, '')
    const control = (...args: string[]) =>
      run(join(binaries, 'pg_ctl'), ['-D', data, ...args], asAccount(account))
    if (!isInitialised()) await initialise(binaries, account)
    const isRunning = () =>
      control('status').then(
        () => true,
        () => false,
      )
    if (!(await isRunning()))
      await startServer(binaries, account).catch(async (error) => {
        // Another Atlas process may have been faster.
        if (!(await isRunning())) throw error
      })
    const port = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[3])
    const target = {
      host: '127.0.0.1',
      port,
      user: 'atlas_user',
      password: readFileSync(passwordFile, 'utf8').trim(),
    }
    await createDatabase({ ...target, database: 'postgres' })
    return { ...target, database }
  }

  /**
   * initdb into a folder of this process, renamed when whole: a power cut half way leaves nothing that looks finished,
   * and of two processes that do it at once the first one's folder is kept. The password is one for both.
   */
  async function initialise(binaries: string, account: Account | undefined) {
    const secret = join(folder, `password.${process.pid}`)
    writeFileSync(secret, randomBytes(24).toString('base64url'), { mode: 0o600 })
    if (account) {
      chownSync(folder, account.uid, account.gid)
      chownSync(secret, account.uid, account.gid)
    }
    try {
      linkSync(secret, passwordFile)
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error
    } finally {
      rmSync(secret)
    }
    for (const name of readdirSync(folder)) {
      const owner = /^data\.(\d+)$/.exec(name)?.[1]
      if (owner && !isAlive(Number(owner))) rmSync(join(folder, name), { recursive: true, force: true })
    }
    const made = join(folder, `data.${process.pid}`)
    await run(
      join(binaries, 'initdb'),
      [
        '-D',
        made,
        '-U',
        'atlas_user',
        '-A',
        'scram-sha-256',
        `--pwfile=${passwordFile}`,
        '-E',
        'UTF8',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--no-instructions',
      ],
      asAccount(account),
    )
    try {
      renameSync(made, data)
    } catch (error) {
      if (!isInitialised()) throw error
      rmSync(made, { recursive: true, force: true })
    }
  }

  async function startServer(binaries: string, account: Account | undefined) {
    const port = await freePort(54_320)
    const options = [
      `-p ${port}`,
      '-c listen_addresses=127.0.0.1',
      `-c unix_socket_directories=`,
      '-c max_connections=60',
      '-c timezone=UTC',
      '-c wal_compression=on',
      '-c max_wal_size=2GB',
      '-c shared_buffers=256MB',
    ].join(' ')
    const sink = openSync(log, 'a')
    if (account) chownSync(log, account.uid, account.gid)
    const child = spawn(join(binaries, 'pg_ctl'), ['-D', data, '-w', '-t', '60', '-o', options, 'start'], {
      ...asAccount(account),
      detached: true,
      stdio: ['ignore', sink, sink],
    } satisfies SpawnOptions)
    const status = await new Promise<number | null>((resolve, reject) =>
      child.once('error', reject).once('exit', resolve),
    )
    if (status !== 0) {
      const tail = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-4).join('\n')
      throw new AtlasError('EMBEDDED_FAILED', 'The embedded PostgreSQL server did not start', {
        object: data,
        detail: tail,
        saved: 'The data folder was left as it is.',
        next: `Read ${log}; free disk space or memory, then try again.`,
      })
    }
  }

  async function createDatabase(target: PostgresTarget) {
    const client = await connectWhenUp(target)
    try {
      const found = await client.query('select 1 from pg_database where datname = $1', [database])
      if (found.rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(database)}`)
    } catch (error) {
      // 42P04, 23505: another Atlas process created it in the same moment.
      if (!(error instanceof pg.DatabaseError && ['42P04', '23505'].includes(error.code ?? ''))) throw error
    } finally {
      await client.end()
    }
  }

  const isInitialised = () => existsSync(join(data, 'PG_VERSION'))

  async function stop() {
    if (!existsSync(join(data, 'postmaster.pid'))) return
    const account = await serverAccount()
    const binaries = await binariesFor(account)
    await run(join(binaries, 'pg_ctl'), ['-D', data, '-m', 'fast', '-w', 'stop'], asAccount(account)).catch(
      () => {},
    )
  }

  /** Below a folder that the server's account may not enter, the binaries are copied to one that it may. */
  async function binariesFor(account: Account | undefined): Promise<string> {
    const bundled = bundledBinaries()
    if (!account || reachableByOthers(bundled)) return bundled
    const copy = join(home, 'postgres', 'native')
    if (!existsSync(join(copy, 'bin', 'postgres'))) {
      cpSync(dirname(bundled), copy, { recursive: true, dereference: true })
      chmodSync(copy, 0o755)
    }
    return join(copy, 'bin')
  }

  return {
    start: () => {
      starting ??= open().catch((error) => {
        starting = undefined
        throw error
      })
      return starting
    },
    close: async () => {
      if (!starting) return
      await starting.catch(() => {})
      starting = undefined
      rmSync(clientFile, { force: true })
      const others = readdirSync(clients).filter((name) => {
        if (isAlive(Number(name))) return true
        rmSync(join(clients, name), { force: true })
        return false
      })
      if (others.length === 0) await stop()
    },
    stop,
  }
}

/** A server that was adopted may still be starting, or recovering from a crash: 57P03 until it is up. */
async function connectWhenUp(target: PostgresTarget): Promise<pg.Client> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const client = new pg.Client(target)
    try {
      await client.connect()
      return client
    } catch (error) {
      const isStarting = ['57P03', 'ECONNREFUSED'].includes(errorCode(error) ?? '')
      if (!isStarting || Date.now() > deadline) throw error
      await setTimeout(100)
    }
  }
}

function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    return errorCode(error) === 'EPERM'
  }
}

/** The first free loopback port from `first` on. */
async function freePort(first: number): Promise<number> {
  for (let port = first; port < first + 200; port++) {
    const free = await new Promise<boolean>((resolve) => {
      const probe = createServer()
      probe.once('error', () => resolve(false))
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
    })
    if (free) return port
  }
  throw new AtlasError(
    'EMBEDDED_FAILED',
    `No port between ${first} and ${first + 199} is free on the loopback address`,
  )
}
