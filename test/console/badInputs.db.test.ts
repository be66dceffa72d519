import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { createServer, connect as dial, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { openPostgres } from '../../src-main/adapters/postgres.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { openTestConsole } from './support.ts'

let database: TestDatabase
let tested: ReturnType<typeof openTestConsole>

beforeAll(async () => {
  database = await createTestDatabase({ template: 'empty' })
  tested = openTestConsole(database)
})

afterAll(async () => {
  await tested?.close()
  await database?.drop()
})

const rowsOf = async (resultId: string | null | undefined, on = tested) =>
  (await on.service.listRows({ resultId: resultId ?? '', from: 0, count: 100, maxCharacters: 1000 }, {})).rows

describe('text that is none', () => {
  test('half a character is refused with its place before anything is sent', async () => {
    const start = (text: string) => tested.start(text)
    await expect(start("select 1;\nselect 'a\ud83d'")).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      fault: { object: 'line 2, column 10' },
    })
    await expect(start("select '\udca5'")).rejects.toMatchObject({ fault: { object: 'line 1, column 9' } })
    expect((await tested.run("select '💥'")).statements[0]?.status).toBe('succeeded')
  })

  test('bytes that are no UTF-8, of a database that holds any, are shown, and leave it as they came', async () => {
    const admin = await database.connect('postgres')
    const name = `${database.name}_ascii`
    await admin.query(
      `create database ${name} template template0 encoding 'SQL_ASCII' locale 'C' owner atlas_user`,
    )
    const other = openTestConsole({ ...database, url: database.url.replace(database.name, name) })
    try {
      const odd = await other.run("select E'\\xff'")
      expect(odd.statements[0]?.error?.data).toMatchObject({
        sqlState: '22021',
        next: expect.stringContaining('client_encoding'),
      })
      await other.run("set client_encoding = 'SQL_ASCII'")
      const { statements } = await other.run("select E'a\\xff\\xfeb' as odd, 'plain' as plain")
      expect(await rowsOf(statements[0]?.resultId, other)).toEqual([['a\ufffd\ufffdb', 'plain']])
      const path = join(other.home, 'odd.csv')
      const { jobId } = await other.service.exportFile(
        {
          resultId: statements[0]?.resultId ?? '',
          format: 'csv',
          path,
          isReplacing: false,
          again: false,
          hasHeader: false,
          neutraliseFormulas: false,
        },
        {},
      )
      await other.jobs.finished(jobId)
      expect(readFileSync(path).toString('latin1')).toBe('a\xff\xfeb,plain\n')
    } finally {
      await other.close()
      await admin.query(`drop database ${name} with (force)`)
    }
  })

  test('a line of 10 MB without a break, written from right to left, arrives; its beginning is shown', async () => {
    const { statements } = await tested.run("select '\u202eabc' || repeat('x', 10485760) as line")
    expect(statements[0]?.sizeBytes).toBeGreaterThan(10 * 1024 ** 2)
    expect((await rowsOf(statements[0]?.resultId))[0]?.[0]).toMatch(/^\u202eabcx+$/)
  })

  test('a statement of 50 MB runs, what is opened and not closed is not', async () => {
    const { statements } = await tested.run(`select length('${'y'.repeat(50 * 1024 ** 2)}')`)
    expect(await rowsOf(statements[0]?.resultId)).toEqual([[String(50 * 1024 ** 2)]])
    for (const open of [
      'select 1; select $tag$ never',
      'select 1; /* a /* b */',
      "select 1; select 'a",
      'select 1; select "a',
    ]) {
      await expect(tested.start(open)).rejects.toMatchObject({
        code: 'SYNTAX_ERROR',
        fault: { object: expect.stringMatching(/^line 1, column \d+$/), saved: 'Nothing was sent.' },
      })
    }
  })

  test('tables of hostile names are described, edited and dropped as they are called', async () => {
    const names = [
      'Robert\'); DROP TABLE "x";--',
      '💥'.repeat(15),
      'Upper',
      'upper',
      '__proto__',
      '"',
      ' ',
      'a.b',
      "'",
    ]
    for (const name of names) {
      const quoted = `"${name.replaceAll('"', '""')}"`
      await tested.run(
        `create table ${quoted} (id int primary key, "${"col'--"}" text); insert into ${quoted} values (1, 'a')`,
      )
      const { statements } = await tested.run(`select * from ${quoted}`)
      const resultId = statements[0]?.resultId ?? ''
      const { table } = await tested.service.describeEditing({ resultId }, {})
      expect(table?.name).toBe(name)
      const edits = [
        { kind: 'update' as const, key: { id: '1' }, before: {}, values: { "col'--": "b'; --" } },
      ]
      const applied = await tested.service.applyEdits(
        { sessionId: 't', resultId, edits, isDryRun: false } as never,
        {},
      )
      expect(applied.outcome).not.toBeNull()
      expect((await tested.run(`\\d ${quoted}`)).statements[0]?.error ?? null).toBeNull()
      const { statements: after } = await tested.run(`select * from ${quoted}`)
      expect(await rowsOf(after[0]?.resultId)).toEqual([['1', "b'; --"]])
      await tested.run(`drop table ${quoted}`, { isConfirmed: true })
    }
    const { rows } = await database.client.query(
      "select relname from pg_class where relnamespace = 'public'::regnamespace",
    )
    expect(rows).toEqual([])
  })
})

describe('a server that', () => {
  /** Passes bytes on until it is told to keep them, without closing anything. */
  async function openProxy() {
    const { host, port } = inject('server')
    let isSilent = false
    const sockets = new Set<Socket>()
    const server = createServer((near) => {
      const far = dial(port, host)
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(from)
        from.on('data', (bytes) => isSilent || to.write(bytes))
        from.on('error', () => {})
        from.on('close', () => to.destroy())
      }
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return {
      port: (server.address() as { port: number }).port,
      fallSilent: () => {
        isSilent = true
      },
      close: () => {
        for (const socket of sockets) socket.destroy()
        server.close()
      },
    }
  }

  test('falls silent is given up after a cancel; whether a write took effect is not claimed', async () => {
    const proxy = await openProxy()
    const db = openPostgres(
      async () => ({ host: '127.0.0.1', port: proxy.port, database: database.name, user: 'atlas_user' }),
      { applicationName: 'Atlas Desktop', connectTimeoutMs: 500 },
    )
    const cut = openTestConsole(database, { db, silentMs: 600 })
    try {
      await cut.run('create table written (a int)')
      await cut.start('insert into written select 1 from pg_sleep(0.2)')
      proxy.fallSilent()
      await cut.service.cancel({ sessionId: 't' }, {})
      const { run, processId, remark } = await cut.until(({ isRunning }) => !isRunning)
      expect(run?.statements[0]?.error).toMatchObject({
        code: 'CONNECTION_LOST',
        data: { saved: expect.stringContaining('is not known') },
      })
      expect(processId).toBeNull()
      expect(remark).toContain('lost')
    } finally {
      proxy.close()
      await cut.close()
    }
  })

  test('has no connection left says so, and the next run has one when there is', async () => {
    const admin = await database.connect('postgres')
    await admin.query(`alter database ${database.name} connection limit 3`)
    try {
      // One is the test's own, one the console's pool.
      await tested.run('select 1', {}, 'one')
      const { statements } = await tested.run('select 1', {}, 'two')
      expect(statements[0]?.error).toMatchObject({ code: 'TOO_MANY_CONNECTIONS' })
      await tested.service.close({ sessionId: 'one' }, {})
      await admin.query(`alter database ${database.name} connection limit -1`)
      expect((await tested.run('select 1', {}, 'two')).statements[0]?.status).toBe('succeeded')
    } finally {
      await admin.query(`alter database ${database.name} connection limit -1`)
    }
  })

  test('is asked for no more sessions than a window may have', async () => {
    for (const sessionId of ['t', 'two']) await tested.service.close({ sessionId }, {})
    for (let at = 0; at < 24; at++) await tested.run('select 1', {}, `many ${at}`)
    await expect(tested.start('select 1', {}, 'one too many')).rejects.toMatchObject({
      code: 'TOO_MANY_CONNECTIONS',
      fault: { saved: 'Nothing was run.' },
    })
    await Promise.all(
      Array.from({ length: 24 }, (_, at) => tested.service.close({ sessionId: `many ${at}` }, {})),
    )
  })
})

describe.skipIf(process.getuid?.() !== 0)('a full disk (a small one is mounted, which only root may)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'atlas-full-'))
  beforeAll(() => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder])
    mkdirSync(join(folder, 'spool'))
  })
  afterAll(() => {
    execFileSync('umount', ['-l', folder])
    rmSync(folder, { recursive: true, force: true })
  })

  test('keeps the rows that came, says what is missing, and the session goes on', async () => {
    const full = openTestConsole(database, { spoolFolder: join(folder, 'spool') })
    try {
      const { statements, processId } = await full.run(
        "select n, repeat('z', 1000) from generate_series(1, 100000) n",
      )
      expect(statements[0]).toMatchObject({
        status: 'failed',
        isCut: true,
        error: {
          code: 'DISK_FULL',
          message: expect.stringMatching(
            /cannot be kept: \d\.\d MB are free on the disk, of which 0\.2 MB stay so/,
          ),
          data: {
            object: join(folder, 'spool'),
            sqlState: 'ENOSPC',
            saved: expect.stringMatching(/^\d,\d{3} rows are kept\.$/),
            next: expect.stringContaining('export the query'),
          },
        },
      })
      expect(statements[0]?.rows).toBeGreaterThan(2000)
      expect((await rowsOf(statements[0]?.resultId, full))[0]?.[0]).toBe('1')
      // What is left was not touched: other files still fit, and so does a small result.
      const { bavail, bsize } = statfsSync(folder)
      expect(bavail * bsize).toBeGreaterThan(0.2 * 1024 ** 2)
      expect(await full.run('select 1')).toMatchObject({ processId, statements: [{ status: 'succeeded' }] })
    } finally {
      await full.close()
    }
  })

  test('leaves a file that is not whole under a name that says so', async () => {
    const { statements } = await tested.run("select n, repeat('z', 1000) from generate_series(1, 20000) n")
    for (const again of [false, true]) {
      const path = join(folder, `out-${again}.csv`)
      const { jobId } = await tested.service.exportFile(
        {
          resultId: statements[0]?.resultId ?? '',
          format: 'csv',
          path,
          isReplacing: false,
          again,
          hasHeader: true,
          neutraliseFormulas: false,
        },
        {},
      )
      const job = await tested.jobs.finished(jobId)
      expect(job).toMatchObject({
        status: 'failed',
        error: {
          code: 'DISK_FULL',
          data: { object: path, saved: `What was written is in ${path}.partial.` },
        },
      })
      rmSync(`${path}.partial`)
    }
  })
})
