import { describe, expect, test } from 'vitest'
import { dangerOf } from '../../src-main/console/guard.ts'

describe('dangerOf', () => {
  test.each([
    ['delete from t', 'deletes every row'],
    ['DELETE FROM t USING u /* where */', 'deletes every row'],
    ["update t set a = 'where'", 'updates every row'],
    ['update t set a = (select 1 where true)', 'updates every row'],
    ['with gone as (delete from t returning *) select * from gone where a = 1', 'deletes every row'],
    ['with a as (select 1) update t set b = 2', 'updates every row'],
    ['explain (analyze) delete from t', 'deletes every row'],
    ['explain analyze verbose update t set a = 1', 'updates every row'],
    ['drop table t', 'drops objects'],
    ['alter table t drop column a', 'drops objects'],
    ['-- x\ntruncate t', 'empties tables'],
    ['do $$ begin truncate t; end $$', 'empties tables'],
    [
      'do $$ begin if true then delete from t; end if; update t set a = 1 where b; end $$',
      'deletes every row',
    ],
    ["do $$ begin execute 'drop table t'; end $$", 'runs text that cannot be checked before'],
  ])('%s', (statement, danger) => {
    expect(dangerOf(statement)).toBe(danger)
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
  ])('nothing in: %s', (statement) => {
    expect(dangerOf(statement)).toBeUndefined()
  })
})
