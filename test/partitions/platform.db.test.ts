import { expect, test } from 'vitest'
import { of, setStage } from './stage.ts'

const { apply, makeEvents, names, plan, rows, run } = setStage()

test('the platform: a legal hold keeps a partition, the audit log keeps all, new ones get policies', async () => {
  const partition = { schema: 'explore', name: 'raw_data_2025_10' }
  await run(
    "insert into compliance.legal_holds (name, reason, schema_name, table_name, range_from, range_to) values ('Case 7', 'court', 'explore', 'raw_data_template', '2025-10-05', '2025-10-06')",
  )
  for (const action of [
    { kind: 'drop', partition },
    { kind: 'detach', partition, isConcurrent: false },
  ] as const)
    expect((await plan(action)).refusal?.reason).toBe('The legal hold “Case 7” keeps it.')
  expect(
    (await plan({ kind: 'drop', partition: { schema: 'explore', name: 'raw_data_2025_11' } })).refusal,
  ).toBeNull()
  expect(
    (await plan({ kind: 'drop', partition: { schema: 'compliance', name: 'audit_log_2025_q1' } })).refusal
      ?.reason,
  ).toContain('audit log')

  const table = { schema: 'explore', name: 'raw_data_template' }
  const known = new Set(await names('explore.raw_data_template'))
  expect(await apply({ kind: 'ensure', table, count: 2 })).toMatchObject({ detail: '2 made' })
  const made = (await names('explore.raw_data_template')).filter((name) => !known.has(name))
  expect(made).toHaveLength(2)
  for (const name of made)
    expect(
      (await run(`select relrowsecurity as is from pg_class where oid = '${name}'::regclass`)).rows[0]?.is,
    ).toBe(true)
})

test('what leaves a table of the platform by hand is in its manifest, as what retention takes is', async () => {
  const table = { schema: 'explore', name: 'raw_data_template' }
  const partition = { schema: 'explore', name: 'raw_data_2025_10' }
  const manifest = async () =>
    (
      await run(
        `select table_name, partition_name, range_from, range_to, state, format, row_count, details ->> 'relation' as relation,
                restored_to
         from archive.snapshot_manifest order by snapshot_id`,
      )
    ).rows
  const stored = await rows('explore.raw_data_2025_10')
  const { bound } = (
    await run(
      "select pg_get_expr(relpartbound, oid) as bound from pg_class where oid = 'explore.raw_data_2025_10'::regclass",
    )
  ).rows[0]
  const [, from = '', to = ''] = /FROM \('(.*)'\) TO \('(.*)'\)/.exec(bound) ?? []

  expect(await apply({ kind: 'detach', partition, isConcurrent: false })).toMatchObject({
    status: 'succeeded',
  })
  const entry = {
    table_name: 'raw_data_template',
    partition_name: 'raw_data_2025_10',
    range_from: new Date('2025-10-01T00:00:00Z'),
    range_to: new Date('2025-11-01T00:00:00Z'),
    state: 'detached',
    format: 'table',
    row_count: stored,
    relation: 'explore.raw_data_2025_10',
    restored_to: null,
  }
  expect((await manifest()).map((one) => ({ ...one, row_count: Number(one.row_count) }))).toEqual([entry])

  expect(await apply({ kind: 'attach', table, partition, bound: { kind: 'range', from, to } })).toMatchObject(
    { status: 'succeeded' },
  )
  expect(await manifest()).toMatchObject([{ state: 'restored', restored_to: 'explore.raw_data_template' }])

  expect(await apply({ kind: 'drop', partition }, 'raw_data_2025_10')).toMatchObject({ status: 'succeeded' })
  expect(await manifest()).toMatchObject([
    { state: 'restored' },
    { state: 'dropped', partition_name: 'raw_data_2025_10' },
  ])
})

test('retention takes what is past a day out, oldest first, into another schema, but not what is held', async () => {
  await makeEvents(false)
  await run(`create schema attic;
    create table public.events_2025_02 partition of public.events for values from ('2025-02-01+00') to ('2025-03-01+00');
    create table public.events_2025_03 partition of public.events for values from ('2025-03-01+00') to ('2025-04-01+00');
    create table public.events_2025_04 partition of public.events for values from ('2025-04-01+00') to ('2025-05-01+00');
    insert into compliance.legal_holds (name, reason, schema_name, table_name, range_from, range_to)
      values ('Case 8', 'court', 'public', 'events', '2025-02-05', '2025-02-06');
    insert into compliance.retention_policies (name, schema_name, table_name, keep, time_column, action, basis)
      values ('Events', 'public', 'events', '90 years', 'at', 'detach', 'test')`)
  const action = { kind: 'retain', table: of('events'), before: '2025-04-15', toSchema: 'attic' } as const
  const shown = await plan(action)
  expect(shown.facts).toEqual(
    expect.arrayContaining([
      { name: 'Leave', value: 'events_2025_01, events_2025_03', isWarning: false },
      { name: 'Legal hold', value: '“Case 8” keeps events_2025_02', isWarning: true },
      { name: 'Policy', value: 'keeps 90 years, which is longer than you say', isWarning: true },
    ]),
  )
  expect(shown.button).toBe('Detach 2 partitions')
  expect(await apply(action)).toMatchObject({
    detail: '2 partitions detached; they stay as tables in attic',
  })
  expect(await names('public.events')).toEqual(['events_2025_02', 'events_2025_04'])
  expect(await rows('attic.events_2025_03')).toBe(0)
  expect((await plan(action)).refusal?.reason).toContain('under a legal hold')
  const audit = {
    kind: 'retain',
    table: { schema: 'compliance', name: 'audit_log' },
    before: '2099-01-01',
  } as const
  expect((await plan(audit)).refusal?.reason).toContain('audit log')
})

test('two hundred leave in one go, counted without those that a hold keeps', async () => {
  await run(`create table public.days (at date) partition by range (at);
    do $$ begin for n in 0..202 loop
      execute format('create table public.days_%s partition of public.days for values from (%L) to (%L)',
        to_char(n, 'FM000'), date '2025-01-01' + n, date '2025-01-02' + n);
    end loop; end $$`)
  const action = { kind: 'retain', table: of('days'), before: '2025-12-31' } as const
  const all = await plan(action)
  expect(all.button).toBe('Detach 200 partitions')
  expect(all.facts).toContainEqual({
    name: 'Later',
    value: '3 more: 200 leave in one go',
    isWarning: false,
  })
  await run(`insert into compliance.legal_holds (name, reason, schema_name, table_name, range_from, range_to)
    values ('Case 9', 'court', 'public', 'days', '2025-01-01', date '2025-01-01' + 201)`)
  const held = await plan(action)
  expect(held.button).toBe('Detach 2 partitions')
  expect(held.facts).toContainEqual({ name: 'Leave', value: 'days_201, days_202', isWarning: false })
})

test('a hold on what lies below a partition, or above it, keeps it; what a view reads is not dropped with the rest', async () => {
  await run(`create table public.deep (at timestamptz not null, kind text not null) partition by range (at);
    do $$ begin for m in 1..3 loop
      execute format('create table public.deep_%s partition of public.deep for values from (%L) to (%L) partition by list (kind)',
        m, make_timestamptz(2025, m, 1, 0, 0, 0, 'UTC'), make_timestamptz(2025, m + 1, 1, 0, 0, 0, 'UTC'));
      execute format('create table public.deep_%s_a partition of public.deep_%1$s for values in (''a'')', m);
      execute format('create table public.deep_%s_b partition of public.deep_%1$s default', m);
    end loop; end $$;
    create view public.reads as select at from public.deep_3;
    insert into public.deep select make_timestamptz(2025, 2, 3, 0, 0, 0, 'UTC'), 'a' from generate_series(1, 9);
    insert into compliance.legal_holds (name, reason, schema_name, table_name) values ('Case 10', 'court', 'public', 'deep_1_a')`)
  const reasonOf = async (kind: 'drop' | 'detach', name: string) => {
    const partition = of(name)
    const action =
      kind === 'drop' ? ({ kind, partition } as const) : ({ kind, partition, isConcurrent: false } as const)
    return (await plan(action)).refusal?.reason
  }
  for (const kind of ['drop', 'detach'] as const) {
    expect(await reasonOf(kind, 'deep_1')).toBe('The legal hold “Case 10” keeps it.')
    expect(await reasonOf(kind, 'deep_1_a')).toBe('The legal hold “Case 10” keeps it.')
    expect(await reasonOf(kind, 'deep_1_b')).toBeUndefined()
    expect(await reasonOf(kind, 'deep_2')).toBeUndefined()
  }
  const action = { kind: 'retain', table: of('deep'), before: '2025-06-01', isDropped: true } as const
  const shown = await plan(action)
  expect(shown).toMatchObject({ isDestructive: true, confirm: 'deep' })
  expect(shown.facts).toEqual(
    expect.arrayContaining([
      { name: 'Leave', value: 'deep_2', isWarning: false },
      { name: 'Legal hold', value: '“Case 10” keeps deep_1', isWarning: true },
      { name: 'Read by name', value: 'views read deep_3: they stay', isWarning: true },
    ]),
  )
  await expect(apply(action)).rejects.toMatchObject({ code: 'CONFIRMATION_NEEDED' })
  expect(await apply(action, 'deep')).toMatchObject({ detail: expect.stringMatching(/^1 partition dropped/) })
  expect(await names('public.deep')).toEqual(['deep_1', 'deep_3'])
  expect((await run("select to_regclass('public.deep_2_a') as gone")).rows[0]?.gone).toBeNull()

  await run(`update compliance.legal_holds set table_name = 'deep_1' where name = 'Case 10'`)
  expect(await reasonOf('drop', 'deep_1_b')).toBe('The legal hold “Case 10” keeps it.')
})
