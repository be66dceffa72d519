import type pg from 'pg'

const perParent = 100

/**
 * Makes `public.days`, a table by day of `count` partitions with a primary key and an index each, in a few minutes less
 * than `create table … partition of` would take: that reads the bounds of all partitions there are for each new one.
 * A hundred at a time are made below a parent of their own, whose children and those of its indexes then become children
 * of `public.days` in the catalogue, as if they had been made there.
 */
export async function makeDays(client: pg.Client, count: number): Promise<void> {
  await client.query(`set synchronous_commit = off`)
  await client.query(parentSql('days'))
  for (let from = 0; from < count; from += perParent) {
    const to = Math.min(count, from + perParent)
    await client.query('begin')
    await client.query(parentSql('days_part'))
    await client.query(`do $$ begin for i in ${from}..${to - 1} loop
      execute format('create table public.days_%s partition of public.days_part for values from (%L) to (%L)',
        to_char(date '2000-01-01' + i, 'YYYY_MM_DD'), date '2000-01-01' + i, date '2000-01-01' + i + 1);
    end loop; end $$`)
    for (const name of ['', '_pkey', '_at_idx'])
      await client.query(adoptSql(`days_part${name}`, `days${name}`))
    await client.query('drop table public.days_part')
    await client.query('commit')
  }
  // Tells every session that the table and its indexes have children now.
  await client.query(
    `update pg_class set relhassubclass = true where oid in ('public.days'::regclass, 'public.days_pkey'::regclass, 'public.days_at_idx'::regclass)`,
  )
  await client.query(
    'analyze pg_class; analyze pg_inherits; analyze pg_index; analyze pg_depend; analyze pg_attribute',
  )
}

const parentSql = (name: string) =>
  `create table public.${name} (at timestamptz not null, id bigint not null, v text,
     constraint ${name}_pkey primary key (id, at)) partition by range (at);
   create index ${name}_at_idx on public.${name} (at)`

/** The children of one table or index become those of another: inheritance, dependencies and the key's constraint. */
const adoptSql = (from: string, to: string) => `
  update pg_depend set refobjid = 'public.${to}'::regclass
  where refclassid = 'pg_class'::regclass and refobjid = 'public.${from}'::regclass
    and classid = 'pg_class'::regclass
    and objid in (select inhrelid from pg_inherits where inhparent = 'public.${from}'::regclass);
  update pg_depend d set refobjid = n.oid
  from pg_constraint o, pg_constraint n, pg_constraint c
  where o.conindid = 'public.${from}'::regclass and o.contype = 'p' and o.conrelid = 'public.days_part'::regclass
    and n.conindid = 'public.${to}'::regclass and n.contype = 'p' and n.conrelid = 'public.days'::regclass
    and c.conparentid = o.oid
    and d.classid = 'pg_constraint'::regclass and d.objid = c.oid
    and d.refclassid = 'pg_constraint'::regclass and d.refobjid = o.oid;
  update pg_constraint c set conparentid = n.oid
  from pg_constraint o, pg_constraint n
  where o.conindid = 'public.${from}'::regclass and o.contype = 'p' and o.conrelid = 'public.days_part'::regclass
    and n.conindid = 'public.${to}'::regclass and n.contype = 'p' and n.conrelid = 'public.days'::regclass
    and c.conparentid = o.oid;
  update pg_inherits set inhparent = 'public.${to}'::regclass where inhparent = 'public.${from}'::regclass`
