import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
  await database.client.query(
    `insert into explore.source_systems (code, name, kind, owner) values ('s', 'Source', 'file', 'test');
     insert into quality.rules (code, name, kind, dimension_code) values ('r', 'Rule', 'not_null', 'completeness');
     insert into quality.rule_assignments (rule_id, schema_name, table_name, column_name)
       select rule_id, 'explore', 'raw_data_template', 'payload' from quality.rules;`,
  )
})
afterAll(() => database.drop())

const query = (text: string, values: unknown[] = []) => database.client.query(text, values)

/** Batches and evaluations are uuids of version 7: they carry the time of what belongs to them. */
let id: string
beforeEach(async () => {
  id = (await query('select public.atlas_uuid_v7() as id')).rows[0].id
})

describe('nothing is landed, validated or published twice', () => {
  const land = (at = 'explore.batch_time($1::uuid)') =>
    query(
      `insert into explore.raw_data_template (ingested_at, source_id, batch_id, source_row, payload, checksum)
       select ${at}, source_id, $1::uuid, 1, '{}', public.atlas_record_checksum('{}') from explore.source_systems`,
      [id],
    )

  test('a raw row: not again, and not at another time, where the key of its partition would let it in', async () => {
    await land()
    await expect(land()).rejects.toMatchObject({ code: '23505' })
    await expect(land("explore.batch_time($1::uuid) + interval '1 month'")).rejects.toMatchObject({
      code: '23514',
    })
  })

  test('a staged record, by kind', async () => {
    const stage = (kind: string) =>
      query(
        `insert into chart.staging_template (batch_id, source_row, record_kind, raw_ingested_at, source_id, record, checksum)
         select $1::uuid, 1, $2, explore.batch_time($1::uuid), source_id, '{}', public.atlas_record_checksum('{}')
         from explore.source_systems`,
        [id, kind],
      )
    await stage('flight')
    await stage('carrier')
    await expect(stage('flight')).rejects.toMatchObject({ code: '23505' })
  })
})

describe('nothing is scored twice in one evaluation', () => {
  const score = (
    partition: string | null,
    batch: string | null = null,
    at = 'explore.batch_time($1::uuid)',
  ) =>
    query(
      `insert into quality.test_runs
         (tested_at, evaluation_id, assignment_id, rule_id, dimension_code, schema_name, table_name, partition_name, batch_id,
          status, score, threshold)
       select ${at}, $1::uuid, a.assignment_id, a.rule_id, r.dimension_code, a.schema_name, a.table_name, $2, $3, 'passed', 1, 1
       from quality.rule_assignments a join quality.rules r using (rule_id)`,
      [id, partition, batch],
    )

  test('a table, one of its partitions, a batch', async () => {
    const batch = id
    await score(null)
    await score('raw_data_2026_01')
    await score(null, batch)
    // A null is a value here: else a whole table could be scored any number of times.
    for (const again of [() => score(null), () => score('raw_data_2026_01'), () => score(null, batch)])
      await expect(again()).rejects.toMatchObject({
        code: '23505',
        constraint: expect.stringContaining('key'),
      })
    await expect(score(null, null, "explore.batch_time($1::uuid) + interval '1 year'")).rejects.toMatchObject(
      {
        code: '23514',
        constraint: 'test_runs_time_check',
      },
    )
  })

  test('the scorecard of a day, over all pillars and by pillar', async () => {
    const card = (dimension: string | null) =>
      query(
        `insert into quality.table_scores (score_date, schema_name, table_name, dimension_code, score)
         values ('2026-01-01', 'explore', 'raw_data_template', $1, 100)`,
        [dimension],
      )
    await card(null)
    await card('completeness')
    for (const dimension of [null, 'completeness'])
      await expect(card(dimension)).rejects.toMatchObject({ code: '23505', constraint: 'table_scores_key' })
  })
})
