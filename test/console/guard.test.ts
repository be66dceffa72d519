import { describe, expect, test } from 'vitest'
import { dangersOf } from '../../src-main/console/danger.ts'

const dangerOf = async (text: string) => (await dangersOf(text))[0]?.what

describe('dangersOf', () => {
  test.each([
    ['delete from t', 'deletes every row'],
    ['DELETE FROM t USING u /* where */', 'deletes every row'],
    ["update t set a = 'where'", 'updates every row'],
    ['update t set a = (select 1 where true)', 'updates every row'],
    ['with gone as (delete from t returning *) select * from gone where a = 1', 'deletes every row'],
    ['with a as (select 1) update t set b = 2', 'updates every row'],
    ['explain (analyze) delete from t', 'deletes every row'],
    ['explain analyze verbose update t set a = 1', 'updates every row'],
    ['drop table t', 'drops a table'],
    ['drop schema bronze cascade', 'drops a schema'],
    ['drop table a, b', 'drops objects'],
    ['drop database d', 'drops a database'],
    ['prepare p as delete from t', 'deletes every row'],
    ['delete from t where true', 'deletes every row'],
    ['update t set a = 1 where 1 = 1 or false', 'updates every row'],
    ['alter table t drop column a', 'drops a column'],
    ['-- x\ntruncate t', 'empties tables'],
    ['do $$ begin truncate t; end $$', 'empties tables'],
    [
      'do $$ begin if true then delete from t; end if; update t set a = 1 where b; end $$',
      'deletes every row',
    ],
    ["do $$ begin execute 'drop table t'; end $$", 'runs text that is made while it runs'],
    ["do language plperl 'unlink 1'", 'runs a block that cannot be read beforehand'],
    [
      'do $$ declare x int; begin while true loop with g as (delete from t returning 1) select 1 into x from g; end loop; end $$',
      'deletes every row',
    ],
  ])('%s', async (statement, danger) => {
    expect(await dangerOf(statement)).toBe(danger)
  })

  test.each([
    'delete from t where a = 1',
    'update t set a = 1 where b',
    'with gone as (delete from t where a returning *) select * from gone',
    'select * from t for update',
    'insert into t values (1) on conflict (a) do update set a = 2',
    'select \'drop table t\', "delete" from t',
    'grant update, delete on t to r',
    'create trigger x before update or delete on t execute function f()',
    'do $$ begin perform 1 from t for update; delete from t where a; end $$',
    'alter table t add column a int',
    'explain delete from t',
    'explain (analyze off) delete from t',
    'create function f() returns void language sql as $$ delete from t $$',
    'create function f() returns void begin atomic delete from t; end',
    'create rule r as on insert to t do also delete from u',
    'delete from t where id = any (select 1)',
    'delete from t where current of c',
    'delete from t where random() < 0.1',
  ])('nothing in: %s', async (statement) => {
    expect(await dangersOf(statement)).toEqual([])
  })
})
