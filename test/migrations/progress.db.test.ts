import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RunnerState } from '../../src-main/migrations/state.contract.ts'
import { runCli } from '../support/cli.ts'
import { type MigrationsBench, openMigrationsBench } from './support.ts'

let bench: MigrationsBench

// Two rows a page, and an index whose key takes a millisecond to compute.
beforeEach(async () => {
  bench = await openMigrationsBench()
  await bench.write(
    '001_t.sql',
    `create table t (id int, filler char(4000));
     alter table t alter column filler set storage plain;
     insert into t select g, '' from generate_series(1, 3000) g;
     create function slowly(v int) returns int language plpgsql immutable as
       'begin perform pg_sleep(0.001); return v; end';`,
  )
  expect(await bench.apply()).toMatchObject({ status: 'succeeded' })
})
afterEach(() => bench.close())

describe.each([
  ['plain', 'create index t_slow on t (slowly(id));', true],
  ['concurrent', '-- atlas: no-transaction\ncreate index concurrently t_slow on t (slowly(id));', false],
] as const)('the progress of a %s index build', (_kind, text, isTransactional) => {
  test('reaches whoever watches, block by block', async () => {
    await bench.write('002_i.sql', text)
    const seen: RunnerState[] = []
    const details: string[] = []
    const abort = new AbortController()
    const watching = (async () => {
      const states = await bench.migrations.watch(undefined, { signal: abort.signal })
      for await (const state of states as AsyncIterable<RunnerState>) {
        if (state.wait?.phase) seen.push(state)
        details.push(...(await bench.jobs.list(undefined, {})).map(({ detail }) => detail))
      }
    })()
    expect(await bench.apply()).toMatchObject({ status: 'succeeded' })
    abort.abort()
    await watching
    const scans = seen.flatMap(({ wait }) =>
      wait?.phase === 'building index: scanning table' && wait.total ? [wait.done ?? 0] : [],
    )
    expect(new Set(scans).size).toBeGreaterThan(3)
    expect(scans).toEqual(scans.toSorted((a, b) => a - b))
    expect(seen[0]).toMatchObject({
      version: '002',
      statement: 1,
      statements: 1,
      isTransactional,
      wait: { total: 1500, held: expect.arrayContaining([{ object: 'public.t', mode: expect.any(String) }]) },
    })
    expect(details).toContainEqual(
      expect.stringMatching(/^002_i\.sql: statement 1 of 1: building index: scanning table, \d+ %$/),
    )
  })

  test('is said on the command line', async () => {
    await bench.write('002_i.sql', text)
    const home = mkdtempSync(join(tmpdir(), 'atlas-cli-'))
    try {
      const args = ['migrate', 'apply', '--folder', bench.folder, '--project', 'platform', '--json']
      const { code, out, err } = await runCli({ home, url: bench.database.url }, args)
      expect({ code, ...JSON.parse(out) }).toMatchObject({ code: 0, status: 'succeeded' })
      expect(err).toMatch(/^002_i\.sql: statement 1 of 1: building index: .+$/m)
    } finally {
      rmSync(home, { recursive: true })
    }
  })
})
