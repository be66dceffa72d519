import type Database from 'better-sqlite3'
import { newerAppDb, openAppDbFile } from './appdbFile.ts'

/** The desktop's own small database: environments, settings, finished jobs, the console's history, drafts, staged changes, pins and saved queries. */
export type AppDb = Database.Database

// One entry a version; a released entry is never edited. `user_version` counts how many have been applied.
const versions = [
  `create table settings (
     key text primary key,
     value text not null
   ) strict;
   create table environments (
     id text primary key,
     position integer not null,
     definition text not null,
     secrets text
   ) strict;
   create table jobs (
     id text primary key,
     environment_id text not null,
     started_at integer not null,
     snapshot text not null
   ) strict;
   create index jobs_by_start on jobs (started_at desc);`,
  `create table console_history (
     id integer primary key,
     environment_id text not null,
     at integer not null,
     text text not null,
     duration_ms real not null,
     rows integer not null,
     error text
   ) strict;
   create index console_history_by_environment on console_history (environment_id, id desc);`,
  `create table file_versions (
     id integer primary key,
     path text not null,
     replaced_at integer not null,
     size_bytes integer not null,
     sealed text not null
   ) strict;
   create index file_versions_by_path on file_versions (path, id desc);`,
  `create virtual table console_history_text using fts5(
     text, content = 'console_history', content_rowid = 'id', tokenize = 'trigram'
   );
   insert into console_history_text (rowid, text) select id, text from console_history;
   create trigger console_history_added after insert on console_history begin
     insert into console_history_text (rowid, text) values (new.id, new.text);
   end;
   create trigger console_history_removed after delete on console_history begin
     insert into console_history_text (console_history_text, rowid, text) values ('delete', old.id, old.text);
   end;
   create table drafts (
     environment_id text not null,
     id text not null,
     position integer not null,
     is_active integer not null default 0,
     title text not null,
     text text not null default '',
     version integer not null default 0,
     view text not null default '{}',
     primary key (environment_id, id)
   ) strict;
   create table library (
     id text primary key,
     kind text not null,
     folder text not null,
     name text not null,
     text text not null,
     updated_at integer not null,
     unique (kind, folder, name)
   ) strict;`,
  `create table pinned_results (
     id text primary key,
     environment_id text not null,
     session_id text not null,
     ran_at integer not null,
     definition text not null
   ) strict;`,
  `create table console_sessions (
     environment_id text not null,
     session_id text not null,
     definition text not null,
     primary key (environment_id, session_id)
   ) strict;`,
  `create table staged_edits (
     environment_id text not null,
     schema_name text not null,
     table_name text not null,
     id text not null,
     edit text not null,
     unique (environment_id, schema_name, table_name, id)
   ) strict;`,
  // What ran before is named as its environment is called now; without one that was made here, by its id.
  `alter table console_history add column environment text not null default '';
   update console_history as h set environment = coalesce(
     (select json_extract(e.definition, '$.name') from environments e where e.id = h.environment_id),
     h.environment_id);`,
  `create table snapshots (
     id text primary key,
     environment_id text not null,
     statement text not null,
     ran_at integer not null,
     size_bytes integer not null,
     left_out text not null,
     definition text not null
   ) strict;
   create index snapshots_by_statement on snapshots (environment_id, statement);`,
]

/** Opens (and makes, or brings up to date) `atlas.db` in the data folder. Several processes may hold it at once. */
export function openAppDb(home: string): AppDb {
  return openAppDbFile(home, (db) => {
    const applied = Number(db.pragma('user_version', { simple: true }))
    if (applied > versions.length) throw newerAppDb(home)
    for (const version of versions.slice(applied)) db.exec(version)
    if (applied < versions.length) db.pragma(`user_version = ${versions.length}`)
  })
}
