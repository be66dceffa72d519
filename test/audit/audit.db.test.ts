import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openPostgres } from '../../src-main/adapters/postgres.ts'
import type { AuditEntry } from '../../src-main/audit/contract.ts'
import { readPage } from '../../src-main/audit/search.ts'
import { createAudit } from '../../src-main/audit/service.ts'
import { countByHour, listEntries, placeBelow } from '../../src-main/audit/sql.ts'
import { verifySlices } from '../../src-main/audit/verification.ts'
import { openTestServices, type TestServices } from '../support/services.ts'
import { targetOf } from '../support/target.ts'

const tailed = Number(process.env.ATLAS_TEST_TAILED ?? 2000)

let services: TestServices

beforeEach(async () => {
  services = await openTestServices()
  const { client } = services.database
  await client.query("set application_name = 'audit test'")
  await client.query(
    "insert into explore.source_systems (code, name, kind, owner) values ('crm', 'CRM', 'file', 'sales')",
  )
  await client.query("update explore.source_systems set owner = 'marketing' where code = 'crm'")
  await client.query("delete from explore.source_systems where code = 'crm'")
})

afterEach(() => services.close())

const audit = () => createAudit({ db: services.db, jobs: services.jobs, environmentId: 'test' })
const window = () => ({ from: new Date(Date.now() - 3_600_000), to: new Date(Date.now() + 3_600_000) })
const ofSources = () => ({ ...window(), table: 'explore.source_systems', limit: 200 })
const actions = async (filter: object) =>
  (await audit().list({ ...ofSources(), ...filter }, {})).entries.map(({ action }) => action)
const run = (text: string) => services.database.client.query(text)

test('tells who changed what, from where, before and after, newest first', async () => {
  const { entries, isMasked, next } = await audit().list(ofSources(), {})
  expect(entries.map(({ action }) => action)).toEqual(['delete', 'update', 'insert'])
  const [, update] = entries
  expect(update).toMatchObject({
    user: 'atlas_user',
    application: 'audit test',
    schema: 'explore',
    table: 'source_systems',
  })
  expect(update?.old?.owner).toBe('sales')
  expect(update?.new?.owner).toBe('marketing')
  expect(update?.occurredAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
  expect([isMasked, next]).toEqual([false, null])
})

test('filters by actor, action, table, key, text and transaction, wildcards taken as they are', async () => {
  const [entry] = (await audit().list({ ...ofSources(), action: 'update' }, {})).entries
  expect(entry?.action).toBe('update')
  expect(await actions({ actor: 'ATLAS_us' })).toHaveLength(3)
  expect(await actions({ actor: 'atlas%us' })).toEqual([])
  expect(await actions({ actor: 'nobody' })).toEqual([])
  expect(await actions({ table: 'explore' })).toHaveLength(3)
  expect(await actions({ table: 'explore.nothing' })).toEqual([])
  expect(await actions({ text: 'Marketing' })).toEqual(['delete', 'update'])
  expect(await actions({ key: JSON.stringify(entry?.rowKey) })).toHaveLength(3)
  expect(await actions({ key: 'no such' })).toEqual([])
  expect(await actions({ transaction: entry?.transactionId })).toEqual(['update'])
})

test('pages by its keys, also among entries of one instant', async () => {
  await run(
    "insert into explore.source_systems (code, name, kind, owner) select 'c' || g, 'n', 'file', 'o' from generate_series(1, 25) g",
  )
  const seen: number[] = []
  let before: string | undefined
  do {
    const page = await audit().list({ ...ofSources(), limit: 10, before }, {})
    seen.push(...page.entries.map(({ sequence }) => sequence))
    before = page.next ?? undefined
  } while (before)
  expect(seen).toHaveLength(28)
  expect(seen).toEqual([...seen].sort((a, b) => b - a))
  expect(new Set(seen).size).toBe(28)
})

test('a search that is not over in time says how far it came, and goes on from there', async () => {
  const filter = { ...window(), text: 'marketing' }
  const page = await readPage(services.db, filter, {
    before: undefined,
    limit: 10,
    isMasked: false,
    budgetMs: -1,
  })
  expect(page).toMatchObject({ next: null, searchedUntil: null })
  expect(page.entries.length).toBeGreaterThan(0)
})

test('what the app itself has read is left out, what a person typed in its console is not', async () => {
  await run("set application_name = 'Atlas Desktop audit'")
  await run("select compliance.audit_event('audit', 'read.page', '{}')")
  await run("set application_name = 'Atlas Desktop console'")
  await run("select compliance.audit_event('audit', 'read.page', '{}')")
  const applications = async (filter: object) =>
    (await audit().list({ ...window(), limit: 200, table: 'audit', ...filter }, {})).entries.map(
      ({ application }) => application,
    )
  expect(await applications({})).toEqual(['Atlas Desktop console'])
  expect(await applications({ withOwnReads: true })).toHaveLength(2)
})

test('reads only the partitions of its window', async () => {
  const filter = { from: new Date('2025-01-10'), to: new Date('2025-01-20') }
  const page = { filter, before: undefined, until: undefined, limit: 10, isMasked: false }
  const place = { time: '2025-01-15T00:00:00.000001Z', sequence: 5 }
  for (const { statement } of [
    listEntries(page),
    listEntries({ ...page, before: place, until: place }),
    countByHour(filter, false),
    placeBelow(filter, place, 100),
  ]) {
    const { rows } = await services.database.client.query(`explain ${statement.text}`, [...statement.values])
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
    expect(plan).toContain('audit_log_2025_q1')
    expect(plan).not.toMatch(/2025_q2|2026_q|default/)
  }
})

test('the hours of a window are counted, with the filter', async () => {
  const sum = async (filter: object) =>
    (await audit().heatmap({ ...window(), table: 'explore.source_systems', ...filter }, {})).reduce(
      (total, { entries }) => total + entries,
      0,
    )
  expect(await sum({})).toBe(3)
  expect(await sum({ action: 'delete' })).toBe(1)
})

async function makePeople() {
  await run('create table archive.people (id int primary key, email text)')
  await run("select compliance.enable_audit('archive.people')")
  await run("insert into archive.people values (1, 'ada.lovelace@example.org')")
}

/** Works as a role that may read the log and is no administrator. */
async function asReviewer(work: (reviewer: ReturnType<typeof audit>) => Promise<void>) {
  await run(
    'grant usage on schema compliance to test_reader; grant select on compliance.audit_log to test_reader',
  )
  await run('create policy reviewers on compliance.audit_log for select to test_reader using (true)')
  const db = openPostgres(async () => ({ ...targetOf(services.database.url), user: 'test_reader' }), {
    applicationName: 'Atlas test',
  })
  try {
    await work(createAudit({ db, jobs: services.jobs, environmentId: 'test' }))
  } finally {
    await db.close()
    await run('drop policy reviewers on compliance.audit_log')
  }
}

test('a role that is no administrator sees personal values masked, and finds by masked values alone', async () => {
  await makePeople()
  const filter = { ...window(), table: 'archive.people', limit: 10 }
  const owner = await audit().list(filter, {})
  expect(owner.entries[0]?.new?.email).toContain('ada.lovelace')

  await asReviewer(async (reviewer) => {
    const seen = await reviewer.list(filter, {})
    expect(seen.isMasked).toBe(true)
    expect(JSON.stringify(seen.entries)).not.toContain('lovelace')
    expect(seen.entries).toHaveLength(1)
    expect((await reviewer.list({ ...filter, text: 'lovelace' }, {})).entries).toEqual([])
  })
})

test(`a tail of ${tailed} entries of four writers has no gap and nothing twice`, async () => {
  const abort = new AbortController()
  const seen: number[] = []
  const feed = await audit().watch({ actor: 'tail test' }, { signal: abort.signal })
  // The first answer says from where it follows: what is written before is not of it.
  await feed.next()
  const reading = (async () => {
    for await (const { entries } of feed) {
      seen.push(...entries.map(({ sequence }: AuditEntry) => sequence))
      if (seen.length >= tailed) return
    }
  })()
  const writers = await Promise.all([1, 2, 3, 4].map(() => services.database.connect()))
  await Promise.all(
    writers.map(async (writer, index) => {
      await writer.query("set application_name = 'tail test'")
      for (let made = 0; made < tailed / 4; made += 5)
        await writer.query(
          `select compliance.audit_event('test', 'tail', jsonb_build_object('writer', ${index}, 'n', g)) from generate_series(1, 5) g`,
        )
    }),
  )
  await reading
  abort.abort()
  expect(seen).toHaveLength(tailed)
  for (const [index, sequence] of seen.entries())
    if (index > 0) expect(sequence).toBe((seen[index - 1] ?? 0) + 1)
})

describe('an export', () => {
  type Request = Parameters<ReturnType<typeof audit>['export']>[0]
  const pathOf = (format: string) => join(services.folder, `log.${format}`)

  async function exported(request: Pick<Request, 'format'> & Partial<Request>, by = audit()) {
    const path = request.path ?? pathOf(request.format)
    const filter = { ...window(), table: 'explore.source_systems' }
    const { jobId } = await by.export({ filter, isReplacing: false, ...request, path }, {})
    return { job: await services.jobs.finished(jobId), path }
  }

  const manifestOf = (path: string) => JSON.parse(readFileSync(`${path}.manifest.json`, 'utf8'))

  async function listed() {
    const entries: AuditEntry[] = []
    let before: string | undefined
    do {
      const page = await audit().list({ ...ofSources(), limit: 500, before }, {})
      entries.push(...page.entries)
      before = page.next ?? undefined
    } while (before)
    return entries
  }

  test.each(['csv', 'jsonl'] as const)(
    '%s holds what the list shows, over more than a page, and its manifest knows the file',
    async (format) => {
      await run(
        `insert into explore.source_systems (code, name, kind, owner)
         select 'c' || g, 'a "b", ' || chr(10), 'file', '' from generate_series(1, 600) g`,
      )
      const { job, path } = await exported({ format })
      expect(job).toMatchObject({ status: 'succeeded', detail: expect.stringContaining('603 entries') })
      const entries = await listed()
      const text = readFileSync(path, 'utf8')
      if (format === 'jsonl') {
        expect(text.trimEnd().split('\n')).toEqual(entries.map((entry) => JSON.stringify(entry)))
      } else {
        const cell = (value: unknown) =>
          typeof value === 'object' ? (value === null ? '' : JSON.stringify(value)) : String(value)
        const read: Record<string, string>[] = parse(text, { columns: true, record_delimiter: '\r\n' })
        expect(read).toEqual(
          entries.map((entry) =>
            Object.fromEntries(Object.entries(entry).map(([name, value]) => [name, cell(value)])),
          ),
        )
      }
      expect(manifestOf(path)).toMatchObject({
        file: `log.${format}`,
        format,
        rows: 603,
        sizeBytes: Buffer.byteLength(text),
        sha256: createHash('sha256').update(readFileSync(path)).digest('hex'),
        filter: { table: 'explore.source_systems' },
        isMasked: false,
        firstSequence: entries.at(-1)?.sequence,
        lastSequence: entries[0]?.sequence,
      })
      expect(existsSync(`${path}.partial`)).toBe(false)
    },
  )

  test('that is cancelled leaves its .partial alone, and no manifest', async () => {
    const path = pathOf('jsonl')
    const { jobId } = await audit().export(
      { filter: window(), format: 'jsonl', path, isReplacing: false },
      {},
    )
    await services.jobs.cancel({ id: jobId }, {})
    expect(await services.jobs.finished(jobId)).toMatchObject({ status: 'cancelled' })
    expect(readdirSync(services.folder).filter((name) => name.startsWith('log'))).toEqual([
      'log.jsonl.partial',
    ])
  })

  test('is put over neither another file nor its manifest unless that is wanted', async () => {
    const [path, manifest] = [pathOf('csv'), `${pathOf('csv')}.manifest.json`]
    writeFileSync(manifest, 'precious')
    expect((await exported({ format: 'csv' })).job.error).toMatchObject({
      code: 'CONFLICT',
      data: { object: manifest },
    })
    expect([existsSync(path), readFileSync(manifest, 'utf8')]).toEqual([false, 'precious'])
    expect((await exported({ format: 'csv', isReplacing: true })).job.status).toBe('succeeded')
    expect(manifestOf(path)).toMatchObject({ rows: 3 })
    expect((await exported({ format: 'csv' })).job.error?.code).toBe('CONFLICT')
  })

  test('is masked for whom the list is', async () => {
    await makePeople()
    await asReviewer(async (reviewer) => {
      const filter = { ...window(), table: 'archive.people' }
      const { path } = await exported({ format: 'jsonl', filter }, reviewer)
      expect(readFileSync(path, 'utf8')).not.toContain('lovelace')
      expect(manifestOf(path)).toMatchObject({ rows: 1, isMasked: true })
    })
  })
})

describe('the chain', () => {
  const verify = async () => {
    const { jobId } = await audit().verify(undefined, {})
    return services.jobs.finished(jobId)
  }

  /** Changes rows as only a superuser can: without the guards that refuse it, which stand again afterwards. */
  async function bend(statement: string, isLeftOpen = false) {
    const superuser = await services.database.connect('postgres')
    const guards = (verb: string) =>
      superuser.query(
        `do $$ declare t regclass; begin
           for t in select relid from pg_partition_tree('compliance.audit_log') loop
             execute format('alter table %s ${verb} trigger refuse_change', t);
           end loop;
         end $$`,
      )
    await guards('disable')
    const { rows } = await superuser.query(statement)
    if (!isLeftOpen) await guards('enable always')
    return rows
  }

  test('is intact in slices of any size, and the slices hang together', async () => {
    expect(await verify()).toMatchObject({
      status: 'succeeded',
      detail: expect.stringMatching(/^Intact: \d+ entries$/),
    })
    await run(
      "insert into explore.source_systems (code, name, kind, owner) select 'c' || g, 'n', 'file', 'o' from generate_series(1, 25) g",
    )
    const { rows } = await run('select count(*) as count from compliance.audit_log')
    const job = { signal: new AbortController().signal, report: () => {} }
    for (const entries of [1, 2, 7, 1000]) {
      const result = await verifySlices(services.db, job, entries)
      expect(result).toMatchObject({ isIntact: true, checkedEntries: Number(rows[0].count) })
    }
  })

  test('names the row that was changed, or is gone, also at the seam of two slices', async () => {
    const [edited] = await bend(
      `update compliance.audit_log set new_values = '{"owner": "nobody"}' where action = 'update' and table_name = 'source_systems' returning sequence`,
    )
    const job = { signal: new AbortController().signal, report: () => {} }
    for (const entries of [1, 2, 1000])
      expect(await verifySlices(services.db, job, entries)).toMatchObject({
        isIntact: false,
        firstBad: { sequence: Number(edited?.sequence), kind: 'edited' },
      })
    await bend(`delete from compliance.audit_log where sequence = ${Number(edited?.sequence) - 3}`)
    for (const entries of [1, 2, 1000])
      expect(await verifySlices(services.db, job, entries)).toMatchObject({
        isIntact: false,
        firstBad: { sequence: Number(edited?.sequence) - 3, kind: 'deleted' },
      })
  })

  test('whose guards are off is told so, and a bad row is told before', async () => {
    const job = { signal: new AbortController().signal, report: () => {} }
    await bend('select 1', true)
    expect(await verifySlices(services.db, job, 2)).toMatchObject({
      isIntact: false,
      firstBad: { sequence: null, kind: 'unguarded' },
    })
    const [edited] = await bend(
      `update compliance.audit_log set actor = 'nobody' where action = 'delete' and table_name = 'source_systems' returning sequence`,
      true,
    )
    expect(await verifySlices(services.db, job, 2)).toMatchObject({
      firstBad: { sequence: Number(edited?.sequence), kind: 'edited' },
    })
  })
})
