import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest'
import type { LogPage } from '../../src-main/activity/log.contract.ts'
import { createServerLog } from '../../src-main/activity/log.ts'
import { openPostgres } from '../../src-main/adapters/postgres.ts'
import { startServer, type ThrowAwayServer } from '../support/servers.ts'

const lines = 1500
let server: ThrowAwayServer
let folder: string
const opened: { close(): Promise<void> }[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'atlas-log-'))
  server = await startServer(inject('server').version)
  const client = await connect('postgres')
  for (const statement of [
    'alter system set logging_collector = on',
    `alter system set log_destination = 'stderr,csvlog,jsonlog'`,
    'alter system set log_min_duration_statement = -1',
    'create role plain login',
    'checkpoint',
  ])
    await client.query(statement)
  await client.end()
  server.crash()
  const writer = await connect('postgres')
  await writer.query(`set application_name = 'the writer'`)
  await writer.query(
    `do $$ begin for i in 1..${lines} loop raise warning 'line % of it, "quoted"\nand more %', i, repeat('ä', 60); end loop; end $$`,
  )
  await writer.query(`select 'a, "b"\n' || 1 / 0 as "ö"`).catch(() => {})
  await writer.end()
})

afterAll(async () => {
  for (const db of opened) await db.close()
  server.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function connect(user: string) {
  const client = new pg.Client({ host: server.host, port: server.port, user, database: 'postgres' })
  client.on('error', () => {})
  await client.connect()
  return client
}

function logOf(user = 'postgres', ownLogFile?: string) {
  const { host, port } = server
  const db = openPostgres(async () => ({ host, port, user, database: 'postgres' }), {
    applicationName: 'Atlas test',
  })
  opened.push(db)
  const { serverLog } = createServerLog({ db, ownLogFile })
  return (input: { file?: string; to?: number } = {}) => serverLog(input, {})
}

test('text, CSV and JSON are read to the last record, page by page to the first', async () => {
  const read = logOf()
  const { files } = await read()
  expect(files[0]?.name).toMatch(/\.json$/)
  for (const format of ['json', 'csv', 'text'] as const) {
    const suffix = format === 'text' ? '.log' : `.${format}`
    const file = files.find(({ name }) => name.endsWith(suffix))?.name ?? ''
    // The collector writes what it was sent a little later.
    const last = await vi.waitFor(
      async () => {
        const page = await read({ file })
        expect(page.entries.at(-1)).toMatchObject({ severity: 'ERROR' })
        return page
      },
      { timeout: 20_000, interval: 50 },
    )
    const failed = last.entries.at(-1)
    expect(failed).toMatchObject({ level: 'error', message: 'division by zero' })
    expect(failed?.rest).toContain(`STATEMENT: select 'a, "b"\n' || 1 / 0 as "ö"`)
    expect(failed?.at).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC$/)
    expect(failed?.processId).toBeGreaterThan(0)
    if (format !== 'text')
      expect(failed).toMatchObject({ user: 'postgres', application: 'the writer', sqlState: '22012' })

    const pages: LogPage[] = [last]
    for (let page = last; page.from > 0; pages.unshift(page)) page = await read({ file, to: page.from })
    expect(pages.length).toBeGreaterThan(1)
    const warned = pages.flatMap(({ entries }) => entries).filter(({ level }) => level === 'warning')
    expect(warned.map(({ message }) => message)).toEqual(
      Array.from({ length: lines }, (_, i) => `line ${i + 1} of it, "quoted"\nand more ${'ä'.repeat(60)}`),
    )
  }
})

test('why there is no log is said: the role, the server; the embedded one has a file of its own', async () => {
  expect((await logOf('plain')()).unavailable?.reason).toContain('may not read the log')
  await expect(logOf()({ file: '../postgresql.conf' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  const client = await connect('postgres')
  await client.query('alter system reset logging_collector')
  await client.query('checkpoint')
  await client.end()
  server.crash()
  expect((await logOf()()).unavailable?.reason).toContain('logging_collector is off')
  const own = join(folder, 'server.log')
  writeFileSync(
    own,
    '2026-11-25 20:00:00.123 UTC [17] LOG:  starting\n\tin two lines\n2026-11-25 20:00:01.000 UTC [18] FATAL:  no\n2026-11-25 20:00:01.000 UTC [18] DETAIL:  why\n2026-11-25 20:00:02.000 UTC [18] LOG:  half wri',
  )
  const page = await logOf('postgres', own)()
  expect(page.entries).toMatchObject([
    { severity: 'LOG', processId: 17, message: 'starting\nin two lines' },
    { severity: 'FATAL', level: 'error', message: 'no', rest: 'DETAIL: why' },
  ])
  await expect(logOf('postgres', join(folder, 'none.log'))()).rejects.toMatchObject({ code: 'NOT_FOUND' })
})
