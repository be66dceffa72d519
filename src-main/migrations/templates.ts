import type { templateNames } from './contract.ts'

interface Template {
  text: string
  down?: string
}

/** Beginnings of files that do it the safe way. */
export const templates: Record<(typeof templateNames)[number], Template> = {
  empty: { text: '' },
  'create table': {
    text: `create table public.things (
  thing_id bigint generated always as identity primary key,
  name text not null,
  created_at timestamptz not null default now()
);

comment on table public.things is 'What one row is';
comment on column public.things.name is 'What it says';
`,
    down: 'drop table public.things;\n',
  },
  'add column': {
    text: `-- A constant default is kept in the catalogue: no row is written.
alter table public.things add column state text not null default 'new';

comment on column public.things.state is 'What it says';
`,
    down: 'alter table public.things drop column state;\n',
  },
  'index concurrently': {
    text: `-- atlas: no-transaction
create index concurrently if not exists things_name_idx on public.things (name);
`,
    down: `-- atlas: no-transaction
drop index concurrently if exists public.things_name_idx;
`,
  },
  'foreign key': {
    text: `-- atlas: no-transaction
-- Added without a look at the rows, then checked while writes go on.
alter table public.things
  add constraint things_owner_fkey foreign key (owner_id) references public.owners (owner_id) not valid;
alter table public.things validate constraint things_owner_fkey;
`,
    down: 'alter table public.things drop constraint things_owner_fkey;\n',
  },
  'not null': {
    text: `-- atlas: no-transaction
-- A valid check spares SET NOT NULL the reading of every row.
alter table public.things add constraint things_name_is_set check (name is not null) not valid;
alter table public.things validate constraint things_name_is_set;
alter table public.things alter column name set not null;
alter table public.things drop constraint things_name_is_set;
`,
    down: 'alter table public.things alter column name drop not null;\n',
  },
  backfill: {
    text: `-- atlas: no-transaction
-- In batches that commit, so that no row stays locked for long.
do $$
declare
  touched bigint;
begin
  loop
    update public.things set state = 'new'
    where thing_id in (select thing_id from public.things where state is null limit 5000 for update skip locked);
    get diagnostics touched = row_count;
    exit when touched = 0;
    commit;
  end loop;
end
$$;
`,
  },
}
