/** Single commands that write, each one way. */
const writes = [
  "insert into public.kept values (-10, 'x')",
  "insert into public.kept values (-11, 'x') returning id",
  "insert into public.kept values (1, 'x') on conflict (id) do update set name = 'x'",
  "update public.kept set name = 'x'",
  "update public.kept_view set name = 'x'",
  'delete from public.kept',
  'truncate public.kept',
  "merge into public.kept k using (values (1)) v (id) on k.id = v.id when matched then update set name = 'm'",
  "with w as (insert into public.kept values (-12, 'x') returning id) select * from w",
  'with w as (delete from public.kept returning id) select count(*) from w',
  "with w as (update public.kept set name = 'x' returning id) select * from w",
  'select public.writes()',
  'select public.writes_as_owner()',
  'select * from public.writes()',
  'select (select public.writes()) from public.kept limit 1',
  'call public.commits()',
  "select nextval('public.counter')",
  "select setval('public.counter', 99)",
  'select lo_create(4343)',
  'select lo_unlink(4242)',
  "select lo_from_bytea(4344, 'x')",
  "select lo_put(4242, 0, 'x')",
  'create table public.made (a int)',
  'create table public.made as select 1',
  'select 1 as a into public.made',
  'create temp table made (a int)',
  'create view public.made as select 1',
  'create materialized view public.made as select 1',
  'create index on public.kept (name)',
  'create schema made',
  'create function public.made() returns int language sql as $$ select 1 $$',
  'create sequence public.made',
  'create type public.made as (a int)',
  'create domain public.made as int',
  'create role made',
  'create extension if not exists hstore',
  'alter table public.kept add column b int',
  'alter table public.kept rename to lost',
  'alter role current_user set work_mem = 1024',
  'alter sequence public.counter restart 50',
  'alter function public.writes() rename to lost',
  'alter default privileges grant select on tables to public',
  'drop table public.kept cascade',
  'drop function public.writes()',
  'drop sequence public.counter',
  'drop view public.kept_view',
  "comment on table public.kept is 'x'",
  'grant all on public.kept to public',
  'revoke all on public.kept from public',
  'reassign owned by current_user to current_user',
  "security label on table public.kept is 'x'",
  'refresh materialized view public.none',
  'reindex table public.kept',
  'cluster public.kept',
  'vacuum full public.kept',
  "copy public.kept from program 'echo 1'",
  "copy public.kept to program 'cat > /tmp/atlas-smuggled'",
  "copy public.kept to '/tmp/atlas-smuggled'",
  'copy public.kept from stdin',
  'select * from public.kept for update',
  'lock table public.kept in access exclusive mode',
  'explain analyze delete from public.kept',
  "explain (analyze, buffers) insert into public.kept values (-13, 'x')",
  "prepare w as insert into public.kept values (-14, 'x')",
  'execute w',
  'import foreign schema x from server y into public',
]

const quoted = (text: string) => `$w$${text}$w$`

/** Around each of them, what might put off the guard. */
const disguises: ((write: string) => string)[] = [
  (write) => write,
  (write) => `/* select */ -- read only\n ${write} /* ; */`,
  (write) => `reset role; set default_transaction_read_only = off; set transaction read write; ${write}`,
  (write) => `begin read write; ${write}; commit`,
  (write) => `set session characteristics as transaction read write; commit; ${write}; commit`,
  (write) =>
    `begin; savepoint a; set transaction read write; ${write}; release a; commit and chain; ${write}; commit`,
]

/** Statements that try by themselves. */
const tricks = [
  "select set_config('transaction_read_only', 'off', false); insert into public.kept values (-20, 'x')",
  "do $$ begin perform set_config('transaction_read_only', 'off', true); insert into public.kept values (-21, 'x'); end $$",
  "do $$ begin set transaction read write; insert into public.kept values (-22, 'x'); end $$",
  "do $$ begin commit; set transaction read write; insert into public.kept values (-23, 'x'); commit; end $$",
  "do $$ begin rollback; insert into public.kept values (-24, 'x'); end $$",
  "do $$ begin reset role; execute 'insert into public.kept values (-25, ''x'')'; exception when others then insert into public.kept values (-26, 'x'); end $$",
  "rollback; begin; insert into public.kept values (-27, 'x'); commit",
  "abort; start transaction read write; insert into public.kept values (-28, 'x'); end",
  "begin; rollback and chain; set transaction read write; insert into public.kept values (-29, 'x'); commit",
  "commit and chain; set transaction read write; insert into public.kept values (-30, 'x'); commit",
  "set local transaction_read_only = off; insert into public.kept values (-31, 'x')",
  'begin; declare c cursor with hold for select public.writes(); commit; fetch c',
  'select query_to_xml($q$ insert into public.kept values (-32, 1) returning 1 $q$, true, false, $q$$q$)',
  "select dblink_exec('application_name=smuggled', 'insert into public.kept values (-33, 1)')",
  "prepare transaction 'x'; insert into public.kept values (-34, 'x')",
  'begin; create table public.made (a int); commit',
  'set session_replication_role = replica; delete from public.kept',
  "discard all; insert into public.kept values (-35, 'x')",
  "listen a; notify a; insert into public.kept values (-36, 'x')",
]

/** More than 300 scripts that write unless the server itself forbids it. */
export const waysToWrite: string[] = [
  ...disguises.flatMap((disguise) => writes.map(disguise)),
  ...writes
    .slice(0, 20)
    .map((write) => `do ${quoted(`begin execute ${quoted(write).replaceAll('$w$', '$v$')}; end`)}`),
  ...tricks,
]

/** What puts off a role, each for a superuser alone. */
const escapes = [
  'reset role',
  'set role none',
  'reset session authorization',
  'set session authorization default',
  'set local role postgres',
  "select set_config('role', 'none', false)",
  "select set_config('session_authorization', 'postgres', false)",
  'reset all',
  'discard all',
  'rollback',
]

/** What writes beside the data, where no read-only transaction reaches: `FILE` stands for a path on the server. */
const outside = [
  "copy (select 1) to 'FILE'",
  "copy (select 1) to program 'cat > FILE'",
  "select lo_export(4242, 'FILE')",
  "copy public.kept from program 'touch FILE'",
  "alter system set work_mem = '77MB'",
  "select dblink_exec('application_name=smuggled', $q$copy (select 1) to 'FILE'$q$)",
]

const escaping: ((put: string, write: string) => string)[] = [
  (put, write) => `${put}; ${write}`,
  (put, write) => `begin; ${put}; ${write}; commit`,
  (put, write) =>
    `do ${quoted(`begin execute ${quoted(put).replaceAll('$w$', '$x$')}; execute ${quoted(write).replaceAll('$w$', '$v$')}; end`)}`,
  (put, write) => `explain analyze ${write}; ${put}; explain (analyze) ${write}`,
]

/** Scripts by which a superuser's session gets out of a role and writes a file, runs a program or changes the server. */
export const waysOut = (file: string): string[] =>
  escaping
    .flatMap((way) => escapes.flatMap((put) => outside.map((write) => way(put, write))))
    .map((way) => way.replaceAll('FILE', file))
