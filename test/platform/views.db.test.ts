import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
  await database.client.query(`
    insert into pipeline.pipelines (pipeline_id, name, definition, definition_checksum, owner)
    values ('00000000-0000-7000-8000-0000000000a1', 'flights', '{}', repeat('0', 64), 'x');
    insert into pipeline.pipeline_runs (run_id, pipeline_id, status, started_at, finished_at, error, rows_in)
    values ('00000000-0000-7000-8000-0000000000b1', '00000000-0000-7000-8000-0000000000a1', 'failed',
            now() - interval '90 seconds', now() - interval '30 seconds', '{"code": "X"}', 10);
    insert into pipeline.task_runs (run_id, task_key, kind, status, started_at, finished_at, error, attempt) values
      ('00000000-0000-7000-8000-0000000000b1', 'land', 'land', 'succeeded', now(), now(), null, 1),
      ('00000000-0000-7000-8000-0000000000b1', 'check', 'quality', 'failed', now(), now(), '{"code": "E", "message": "broke"}', 1),
      ('00000000-0000-7000-8000-0000000000b1', 'publish', 'publish', 'upstream_failed', null, now(), null, 0);
    insert into quality.rules (rule_id, code, name, dimension_code, kind)
    values ('00000000-0000-7000-8000-0000000000c1', 'not_null', 'Not null', 'completeness', 'not_null');
    insert into quality.rule_assignments (assignment_id, rule_id, schema_name, table_name, column_name) values
      ('00000000-0000-7000-8000-0000000000d1', '00000000-0000-7000-8000-0000000000c1', 'explore', 'a', 'x'),
      ('00000000-0000-7000-8000-0000000000d2', '00000000-0000-7000-8000-0000000000c1', 'explore', 'b', 'x');
    insert into quality.test_runs (tested_at, evaluation_id, assignment_id, rule_id, dimension_code, schema_name, table_name,
                                   status, rows_tested, rows_failed, score, threshold)
    select explore.batch_time(e), e, a::uuid, '00000000-0000-7000-8000-0000000000c1', 'completeness', 'explore', t, s, 10, f, 1 - f / 10.0, 1
    from (values
      (public.atlas_uuid_v7(now() - interval '2 days'), '00000000-0000-7000-8000-0000000000d1', 'a', 'passed', 0),
      (public.atlas_uuid_v7(now() - interval '1 day'), '00000000-0000-7000-8000-0000000000d1', 'a', 'failed', 3),
      (public.atlas_uuid_v7(now() - interval '2 days'), '00000000-0000-7000-8000-0000000000d2', 'b', 'failed', 3),
      (public.atlas_uuid_v7(now() - interval '1 day'), '00000000-0000-7000-8000-0000000000d2', 'b', 'passed', 0)
    ) v (e, a, t, s, f);
    insert into quality.table_scores (score_date, schema_name, table_name, dimension_code, score, previous_score) values
      (current_date - 1, 'explore', 'a', null, 80, null), (current_date, 'explore', 'a', null, 90, 80),
      (current_date - 200, 'explore', 'gone', null, 50, null);
    insert into compliance.data_subject_requests (kind, subject_key, received_at, due_at) values
      ('access', 'C1', now() - interval '40 days', now() - interval '10 days'), ('erasure', 'C2', now(), now() + interval '30 days');
    insert into compliance.pii_detections (scan_id, schema_name, table_name, column_name, pattern_code, rows_sampled, rows_matched, confidence)
    values (public.atlas_uuid_v7(), 'explore', 'source_systems', 'owner', 'person_name', 100, 90, 0.9)`)
})
afterAll(() => database.drop())

const rows = async (text: string) => (await database.client.query(text)).rows

describe('what the dashboard asks', () => {
  test('runs with counts of their tasks', async () => {
    expect(await rows('select * from pipeline.run_summary')).toMatchObject([
      {
        pipeline_name: 'flights',
        status: 'failed',
        duration_ms: '60000',
        tasks_total: 3,
        tasks_succeeded: 1,
        tasks_failed: 2,
      },
    ])
  })

  test('tasks that failed, with their error; not those that never ran', async () => {
    expect(await rows('select task_key, error_code, error_message from pipeline.failed_tasks')).toEqual([
      { task_key: 'check', error_code: 'E', error_message: 'broke' },
    ])
  })

  test('the newest score of each table, and none of a table not scored for months', async () => {
    expect(await rows('select table_name, score, change from quality.latest_scores')).toEqual([
      { table_name: 'a', score: '90.000', change: '10.000' },
    ])
  })

  test('rules whose newest result failed; not those that failed once and pass now', async () => {
    expect(await rows('select table_name, rule_code, status from quality.failing_rules')).toEqual([
      { table_name: 'a', rule_code: 'not_null', status: 'failed' },
    ])
  })

  test('personal columns, registered and found, and whether a reader sees them in clear', async () => {
    const found = await rows(
      `select table_name, column_name, is_registered, is_readable_in_clear from compliance.pii_exposure
       where (table_name, column_name) in (('dim_customer', 'email'), ('source_systems', 'owner')) order by 1`,
    )
    expect(found).toEqual([
      { table_name: 'dim_customer', column_name: 'email', is_registered: true, is_readable_in_clear: false },
      {
        table_name: 'source_systems',
        column_name: 'owner',
        is_registered: false,
        is_readable_in_clear: true,
      },
    ])
  })

  test('open requests, overdue ones first by their days', async () => {
    expect(
      await rows('select kind, is_overdue from compliance.open_subject_requests order by due_at'),
    ).toEqual([
      { kind: 'access', is_overdue: true },
      { kind: 'erasure', is_overdue: false },
    ])
  })

  test('health of partitions: a missing period, rows in default, size', async () => {
    await database.client.query('alter table quality.test_runs detach partition quality.test_runs_2027')
    await database.client.query('alter table quality.test_runs detach partition quality.test_runs_2026')
    const [health] = await rows(
      "select * from archive.partition_health where table_name = 'quality.test_runs'",
    )
    const year = new Date().getUTCFullYear()
    expect(health).toMatchObject({
      is_current_missing: year === 2026 || year === 2027,
      is_next_missing: year === 2025 || year === 2026,
      default_rows: '0',
    })
    expect(Number(health?.size_bytes)).toBeGreaterThan(0)
    await database.client.query(
      "alter table quality.test_runs attach partition quality.test_runs_2026 for values from ('2026-01-01 00:00+00') to ('2027-01-01 00:00+00')",
    )
    await database.client.query(
      "alter table quality.test_runs attach partition quality.test_runs_2027 for values from ('2027-01-01 00:00+00') to ('2028-01-01 00:00+00')",
    )
  })
})

describe('no view reads partitions that cannot matter', () => {
  /** Tables that the plan, as executed, touches. */
  async function touched(text: string): Promise<string[]> {
    const [row] = await rows(`explain (analyze, format json) ${text}`)
    const names: string[] = []
    const walk = (node: Record<string, unknown>) => {
      if (typeof node['Relation Name'] === 'string') names.push(node['Relation Name'])
      for (const child of (node.Plans as Record<string, unknown>[] | undefined) ?? []) walk(child)
    }
    walk(row['QUERY PLAN'][0].Plan)
    return names
  }

  test('failing rules read the partitions of the last 30 days', async () => {
    const tables = (await touched('select * from quality.failing_rules')).filter((name) =>
      /^test_runs_/.test(name),
    )
    const year = new Date().getUTCFullYear()
    expect(tables).toContain(`test_runs_${year}`)
    for (let past = 2025; past < year - 1; past++) expect(tables).not.toContain(`test_runs_${past}`)
    if (new Date().getUTCMonth() > 1) expect(tables).not.toContain(`test_runs_${year - 1}`)
  })

  test.each(['explore.raw_data_masked', 'explore.raw_data_template'])(
    '%s prunes by a range of its key',
    async (view) => {
      expect(
        await touched(
          `select * from ${view} where ingested_at >= '2026-01-05' and ingested_at < '2026-01-06'`,
        ),
      ).toEqual(['raw_data_2026_01'])
    },
  )

  test('facts and the audit log prune by their keys', async () => {
    expect(await touched("select * from navigate.fact_template where event_date = '2026-03-03'")).toEqual([
      'fact_2026',
    ])
    expect(
      await touched(
        "select * from compliance.audit_log where occurred_at >= '2026-02-01' and occurred_at < '2026-02-02'",
      ),
    ).toEqual(['audit_log_2026_q1'])
  })

  test.each([
    'pipeline.run_summary',
    'pipeline.failed_tasks',
    'quality.latest_scores',
    'compliance.pii_exposure',
    'compliance.open_subject_requests',
    'archive.partitions',
    'archive.partition_health',
  ])('%s reads no partition of the platform at all', async (view) => {
    const tables = await touched(`select * from ${view}`)
    expect(tables.length).toBeGreaterThan(0)
    expect(tables.filter((name) => /^(raw_data|fact|audit_log|test_runs)_/.test(name))).toEqual([])
  })
})
