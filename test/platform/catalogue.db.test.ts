import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectedPartitions, expectedTables } from '../../src-main/verification/expected.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const schemas = Object.keys(expectedTables)

/** The first column of every row. */
async function list(text: string, values: unknown[] = [schemas]): Promise<unknown[]> {
  const { rows } = await database.client.query({ text, values, rowMode: 'array' })
  return rows.map(([first]) => first)
}
const count = async (text: string) => Number((await list(text))[0])

const platformTables = `
  select c.oid, n.nspname, c.relname, c.relispartition
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = any ($1) and c.relkind in ('r', 'p')`

describe('counts and names', () => {
  test('seven schemas, 38 tables, and the ledger', async () => {
    const names = await list(
      `select nspname || '.' || relname from (${platformTables}) t where not relispartition order by 1`,
    )
    const expected = Object.entries(expectedTables).flatMap(([schema, tables]) =>
      tables.map((table) => `${schema}.${table}`),
    )
    expect(schemas).toHaveLength(7)
    expect(expected).toHaveLength(38)
    expect(names).toEqual(expected.sort())
    expect(await list("select to_regclass('public.schema_migrations') is not null", [])).toEqual([true])
  })

  test('the 24 partitions of the specification, each with the bounds that its name says', async () => {
    const { rows } = await database.client.query<{ parent: string; name: string; bound: string }>(
      `select i.inhparent::regclass::text as parent, c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bound
       from pg_inherits i join pg_class c on c.oid = i.inhrelid and c.relkind = 'r'
       where i.inhparent::regclass::text = any ($1)`,
      [[...Object.keys(expectedPartitions), 'quality.test_runs']],
    )
    const found = new Map(rows.map(({ name, bound }) => [name, bound]))
    const named = [
      ...Object.values(expectedPartitions).flat(),
      ...['2025', '2026', '2027', 'default'].map((part) => `test_runs_${part}`),
    ]
    expect(named).toHaveLength(24)
    for (const name of named) expect(found.get(name), name).toBe(boundOf(name))
    // Time went on: there are more, never fewer, and each is named by its bounds as well.
    for (const [name, bound] of found) expect(bound, name).toBe(boundOf(name))
  })

  test('at least 100 indexes, 50 constraints, 8 functions and 6 views', async () => {
    const onTables = `(select oid from (${platformTables}) t where not relispartition)`
    expect(
      await count(`select count(*) from pg_index where indrelid in ${onTables} and not indisprimary`),
    ).toBeGreaterThanOrEqual(100)
    expect(
      await count(
        `select count(*) from pg_constraint where conrelid in ${onTables} and contype not in ('p', 'n', 't')`,
      ),
    ).toBeGreaterThanOrEqual(50)
    expect(
      await list(
        `select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
         where n.nspname = any (array_append($1::text[], 'public')) and p.prokind = 'f'`,
      ),
    ).toEqual(
      expect.arrayContaining([
        'atlas_record_checksum',
        'apply_scd2',
        'mask',
        'atlas_ensure_partitions',
        'detach_expired_partitions',
        'audit_trigger',
        'verify_audit_chain',
        'atlas_touch_updated_at',
      ]),
    )
    expect(
      await list(
        `select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = any ($1) and c.relkind = 'v'`,
      ),
    ).toEqual(
      expect.arrayContaining([
        'run_summary',
        'failed_tasks',
        'latest_scores',
        'failing_rules',
        'pii_exposure',
        'open_subject_requests',
        'partition_health',
      ]),
    )
  })

  test('the seeds, and three roles that cannot log in', async () => {
    expect(await list('select code from quality.dimensions order by position', [])).toEqual([
      'accuracy',
      'completeness',
      'consistency',
      'timeliness',
      'uniqueness',
      'validity',
    ])
    expect(await list('select code from compliance.classification_levels order by rank', [])).toEqual([
      'public',
      'internal',
      'confidential',
      'restricted',
      'secret',
    ])
    expect(await list('select code from compliance.pii_patterns', [])).toHaveLength(10)
    expect(
      await list(
        `select rolname from pg_roles where rolname ~ '^atlas_(read|write|admin)$'
         and not rolcanlogin and not rolsuper and not rolbypassrls and not rolcreaterole order by 1`,
        [],
      ),
    ).toEqual(['atlas_admin', 'atlas_read', 'atlas_write'])
  })
})

describe('design', () => {
  test('every schema, table, column, view and function says what it is', async () => {
    expect(
      await list(
        `select nspname from pg_namespace where nspname = any ($1) and obj_description(oid, 'pg_namespace') is null`,
      ),
    ).toEqual([])
    expect(
      await list(
        `select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = any ($1) and c.relkind in ('r', 'p', 'v') and obj_description(c.oid, 'pg_class') is null`,
      ),
    ).toEqual([])
    expect(
      await list(
        `select t.oid::regclass || '.' || a.attname from (${platformTables}) t
         join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
         where not t.relispartition and coalesce(col_description(t.oid, a.attnum), '') = ''`,
      ),
    ).toEqual([])
    expect(
      await list(
        `select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
         where (n.nspname = any ($1) or p.proname ~ '^atlas_') and obj_description(p.oid, 'pg_proc') is null`,
      ),
    ).toEqual([])
  })

  test('every foreign key has an index that begins with its columns', async () => {
    expect(
      await list(
        `select k.conrelid::regclass || ' ' || k.conname
         from pg_constraint k join (${platformTables}) t on t.oid = k.conrelid
         where k.contype = 'f' and not exists (
           select from pg_index i
           where i.indrelid = k.conrelid
             and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey
             -- A partial index serves when it leaves out nothing but nulls.
             and (i.indpred is null
                  or pg_get_expr(i.indpred, i.indrelid) ~ '^\\(\\w+ IS NOT NULL\\)$'))`,
      ),
    ).toEqual([])
  })

  test('every column of a fixed set of words has a check', async () => {
    expect(
      await list(
        `select t.oid::regclass || '.' || a.attname from (${platformTables}) t
         join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
         where not t.relispartition
           and a.attname in ('status', 'state', 'kind', 'severity', 'trigger', 'engine', 'action', 'format', 'method',
                             'level', 'catchup', 'condition', 'event_type', 'classification', 'legal_basis', 'type')
           -- What finds an anomaly is an open set of names; alerts name their cause.
           and t.oid::regclass || '.' || a.attname not in ('quality.anomalies.method', 'pipeline.alerts.kind')
           and not exists (
             select from pg_constraint k
             where k.conrelid = t.oid and a.attnum = any (k.conkey) and k.contype in ('c', 'f'))`,
      ),
    ).toEqual([])
  })

  test('no column is json, timestamp without zone, money or float', async () => {
    expect(
      await list(
        `select t.oid::regclass || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
         from (${platformTables}) t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
         where format_type(a.atttypid, null) in
           ('json', 'timestamp without time zone', 'time with time zone', 'money', 'real', 'double precision',
            'character', 'character varying', 'xml')`,
      ),
    ).toEqual([])
  })

  test('what may be null says in its comment when', async () => {
    const withoutReason = () =>
      list(
        `select t.oid::regclass || '.' || a.attname from (${platformTables}) t
         join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
         where not t.relispartition and not a.attnotnull and a.attgenerated = ''
           and coalesce(col_description(t.oid, a.attnum), '') !~
             'null,? (when|where|while|until|unless|before|for|if|without|otherwise|means) ?'
         order by a.attnum`,
      )
    expect(await withoutReason()).toEqual([])
    const { client } = database
    await client.query(
      `begin;
       alter table pipeline.alerts add untold text, add bare text, add empty text, add told text, add filled text not null;
       comment on column pipeline.alerts.bare is 'Something that may be null';
       comment on column pipeline.alerts.empty is 'Something, often null.';
       comment on column pipeline.alerts.told is 'Something; null until it happens'`,
    )
    expect(await withoutReason()).toEqual(
      ['untold', 'bare', 'empty'].map((column) => `pipeline.alerts.${column}`),
    )
    await client.query('rollback')
  })

  test('keys made by the platform sort by the time of their making', async () => {
    expect(
      await list(
        `select t.oid::regclass || '.' || a.attname from (${platformTables}) t
         join pg_index i on i.indrelid = t.oid and i.indisprimary and i.indnkeyatts = 1
         join pg_attribute a on a.attrelid = t.oid and a.attnum = i.indkey[0]
         left join pg_attrdef d on d.adrelid = t.oid and d.adnum = a.attnum
         where not t.relispartition and a.atttypid = 'uuid'::regtype
           and pg_get_expr(d.adbin, d.adrelid) is distinct from 'atlas_uuid_v7()'
           and pg_get_expr(d.adbin, d.adrelid) is distinct from 'public.atlas_uuid_v7()'`,
      ),
    ).toEqual([])
  })

  test('every function that runs as its owner fixes its search path, the temporary schema last', async () => {
    const { rows } = await database.client.query(
      `select p.oid::regprocedure::text as routine, p.proconfig as settings
       from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where p.prosecdef and n.nspname !~ '^pg_|^information_schema$'`,
    )
    expect(rows.length).toBeGreaterThan(5)
    for (const { routine, settings } of rows)
      expect(settings, routine).toEqual(expect.arrayContaining(['search_path=pg_catalog, pg_temp']))
  })
})

/** How PostgreSQL writes the bounds of the partition that bears this name. */
function boundOf(name: string): string {
  if (name.endsWith('_default')) return 'DEFAULT'
  const [, year = '', part] = /_(\d{4})(?:_(q?\d+))?$/.exec(name) ?? []
  const months = part === undefined ? 12 : part.startsWith('q') ? 3 : 1
  const month =
    part === undefined ? 0 : part.startsWith('q') ? (Number(part.slice(1)) - 1) * 3 : Number(part) - 1
  const day = (index: number) => new Date(Date.UTC(Number(year), index, 1)).toISOString().slice(0, 10)
  const time = name.startsWith('fact_') ? '' : ' 00:00:00+00'
  return `FOR VALUES FROM ('${day(month)}${time}') TO ('${day(month + months)}${time}')`
}
