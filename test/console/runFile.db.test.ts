import { createWriteStream, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { mostHeldBy } from '../support/memory.ts'
import { openTestConsole } from './support.ts'

/** By hand once with 100: MiB of the script. */
const megabytes = Number(process.env.ATLAS_TEST_SCRIPT_MB ?? 4)

let database: TestDatabase
let tested: ReturnType<typeof openTestConsole>

beforeAll(async () => {
  database = await createTestDatabase()
  tested = openTestConsole(database)
  await database.client.query('create table public.loaded (a int primary key, b text)')
})

afterAll(async () => {
  await tested?.close()
  await database?.drop()
})

const write = (name: string, content: string | Buffer) => {
  const path = join(tested.home, name)
  writeFileSync(path, content)
  return path
}

const runFile = async (
  path: string,
  options: { isStoppedByError?: boolean; isOneTransaction?: boolean } = {},
) => {
  const { jobId } = await tested.service.runFile(
    { path, isStoppedByError: true, isOneTransaction: false, ...options },
    {},
  )
  return tested.jobs.finished(jobId)
}

const count = async () => {
  const { rows } = await database.client.query('select count(*)::int as n from public.loaded')
  await database.client.query('truncate public.loaded')
  return rows[0].n
}

describe('a file', () => {
  test('of any size is read as it runs: statements, rows of COPY, functions', async () => {
    const path = join(tested.home, 'large.sql')
    const line = `insert into public.loaded values (%, '${"it''s; $$ ".repeat(40)}');\n`
    let rows = 0
    async function* script() {
      yield "-- pg_dump\nset client_encoding = 'UTF8';\n\\restrict abc\n"
      yield 'create function public.one() returns int language plpgsql as $$ begin return 1; end $$;\nbegin;\n'
      for (let size = 0; size < (megabytes / 2) * 1024 ** 2; size += line.length)
        yield line.replace('%', String(rows++))
      yield 'commit;\ncopy public.loaded (a, b) from stdin;\n'
      for (let size = 0; size < (megabytes / 2) * 1024 ** 2; size += 400)
        yield `${rows++}\t${"x;'$$".repeat(78)}\n`
      yield '\\.\n\nselect public.one();\n'
    }
    await pipeline(script, createWriteStream(path))
    const { result: job, mostBytes } = await mostHeldBy(() => runFile(path))
    expect(job.error).toBeUndefined()
    expect(job.detail).toMatch(/statements, [\d,]+ rows copied$/)
    expect(await count()).toBe(rows)
    expect(mostBytes).toBeLessThan(200 * 1024 ** 2)
  }, 600_000)

  test('that fails says at which line, and what stays', async () => {
    const path = write(
      'fails.sql',
      'insert into loaded values (1);\n\n/* ; */ insert into loaded\n values (1);\ninsert into loaded values (3);\n',
    )
    const stopped = await runFile(path)
    expect(stopped.error).toMatchObject({
      code: 'CONSTRAINT_VIOLATED',
      data: { object: `${path}, line 3`, saved: expect.stringContaining('1 statements before it') },
    })
    expect(await count()).toBe(1)
    const whole = await runFile(path, { isOneTransaction: true })
    expect(whole.error?.data.saved).toContain('rolled back')
    expect(await count()).toBe(0)
    const onward = await runFile(path, { isStoppedByError: false })
    expect(onward).toMatchObject({
      status: 'succeeded',
      detail: expect.stringContaining('1 failed, the first at line 3'),
    })
    expect(await count()).toBe(2)
  })

  test('in UTF-16 with its mark, or in UTF-8 with one, is read; other bytes are refused with their line', async () => {
    const text = "insert into loaded values (1, 'é💥');\n"
    expect((await runFile(write('bom.sql', `\ufeff${text}`))).status).toBe('succeeded')
    expect(await count()).toBe(1)
    const le = Buffer.from(`\ufeff${text}`, 'utf16le')
    for (const bytes of [le, Buffer.from(le).swap16()]) {
      expect((await runFile(write('wide.sql', bytes))).status).toBe('succeeded')
      expect(await count()).toBe(1)
    }
    const unmarked = await runFile(write('unmarked.sql', Buffer.from(text, 'utf16le')))
    expect(unmarked.error).toMatchObject({
      code: 'FILE_UNREADABLE',
      message: expect.stringContaining('UTF-16'),
    })
    const latin = await runFile(write('latin.sql', Buffer.from("select 1;\nselect 'é';", 'latin1')))
    expect(latin.error).toMatchObject({
      code: 'FILE_UNREADABLE',
      message: expect.stringContaining('not UTF-8'),
    })
  })

  test.each([
    ['that is not there', '/nowhere/at-all.sql', 'FILE_UNREADABLE'],
    ['with no whole path', 'relative.sql', 'FILE_UNREADABLE'],
    ['that is a folder', '/tmp', 'FILE_UNREADABLE'],
  ])('%s is refused', async (_name, path, code) => {
    expect((await runFile(path)).error?.code).toBe(code)
  })

  test.each([
    ['a quote', "select 1;\nselect 'abc", 'SYNTAX_ERROR'],
    ['the data of a COPY', 'copy loaded from stdin;\n7\tx\n', 'SYNTAX_ERROR'],
    ['a command', 'select 1;\n\\connect other\n', 'UNSUPPORTED'],
  ])('with %s that cannot be is refused', async (_name, text, code) => {
    expect((await runFile(write('odd.sql', text))).error?.code).toBe(code)
  })

  test('ends when its job is cancelled', async () => {
    const { jobId } = await tested.service.runFile(
      { path: write('slow.sql', 'select pg_sleep(60);'), isStoppedByError: true, isOneTransaction: false },
      {},
    )
    await tested.jobs.cancel({ id: jobId }, {})
    expect((await tested.jobs.finished(jobId)).status).toBe('cancelled')
  })

  test('in production needs the name of the environment', async () => {
    const production = openTestConsole(database, { isProduction: true })
    try {
      const run = { path: '/nowhere.sql', isStoppedByError: true, isOneTransaction: false }
      await expect(production.service.runFile(run, {})).rejects.toMatchObject({ code: 'CONFIRMATION_NEEDED' })
    } finally {
      await production.close()
    }
  })
})
