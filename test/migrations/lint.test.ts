import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { analyse, readScript, type TableFacts } from '../../src-main/migrations/analyse.ts'
import { readOptions } from '../../src-main/migrations/options.ts'

async function lint(text: string, facts: Record<string, TableFacts> = {}, made: string[] = []) {
  const script = await readScript(text, { fileName: 'x.sql', options: readOptions(text, 'x.sql') })
  const { findings, fault } = analyse(script, new Map(Object.entries(facts)), new Set(made))
  return { findings, fault, rules: findings.map(({ line, rule }) => `${line} ${rule}`) }
}

/** One statement a line, each on tables that were there before. */
const corpus = `create table fresh (id serial primary key, n varchar(10), ts timestamp, c char(3));
create index i on t (n);
drop index i;
alter table t add column x int not null;
alter table t add column y text default 'a';
alter table t add column z uuid default gen_random_uuid();
alter table t add column g int generated always as (i * 2) stored;
alter table t alter column n type text;
alter table t alter column n set not null;
alter table t alter column n drop not null;
alter table t add constraint f foreign key (i) references b (id);
alter table t add constraint k check (i > 0);
alter table t add constraint u unique (i);
alter table t add primary key (id);
alter table t add constraint f2 foreign key (i) references b (id) not valid;
alter table t rename column i to k;
alter table t rename to t2;
alter table t drop column x;
drop table t;
truncate t cascade;
drop database x;
create index concurrently k on t (n);
alter domain d add constraint x check (value > 0);
create domain d as int check (value > 0);
alter table t detach partition q;
alter type e add value 'x';
reindex table t;
create table ${'a'.repeat(70)} (id bigint);
begin;
`

// Of its own: what Atlas sets for every file, and the 32-bit columns that are no keys.
const notOurs = new Set([
  'require-lock-timeout',
  'require-statement-timeout',
  'require-timeout-settings',
  'ban-uncommitted-transaction',
  'prefer-bigint-over-int',
])

test('finds what squawk finds, on the same lines', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'atlas-lint-'))
  const file = join(folder, 'corpus.sql')
  writeFileSync(file, corpus)
  let report = ''
  try {
    report = execFileSync(
      'node_modules/.bin/squawk',
      ['--reporter', 'json', '--assume-in-transaction', file],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    )
  } catch (error) {
    // Findings make its status 1.
    report = (error as { stdout: string }).stdout
  } finally {
    rmSync(folder, { recursive: true })
  }
  const theirs = (JSON.parse(report) as { line: number; rule_name: string }[])
    .filter(({ rule_name }) => !notOurs.has(rule_name))
    .map(({ line, rule_name }) => `${line + 1} ${rule_name}`)
  expect(theirs.length).toBeGreaterThan(20)
  const { rules } = await lint(corpus)
  // Where squawk also says the general thing, Atlas says the particular one alone.
  const particular =
    /^\d+ (adding-foreign-key-constraint|disallowed-unique-constraint|adding-serial-primary-key-field)$/
  const special = new Set(rules.filter((rule) => particular.test(rule)).map((rule) => rule.split(' ')[0]))
  const missed = theirs.filter((finding) => {
    const [line, rule] = finding.split(' ')
    return !rules.includes(finding) && !(rule === 'constraint-missing-not-valid' && special.has(line))
  })
  expect(missed).toEqual([])
})

describe('knows what squawk does not', () => {
  test('a table that the plan makes has nobody to keep out', async () => {
    expect((await lint('create table a (id bigint);\ncreate index i on a (id);')).rules).toEqual([])
    expect((await lint('create index i on a (id);', {}, ['a'])).rules).toEqual([])
    expect((await lint('create index i on a (id);')).rules).toEqual(['1 require-concurrent-index-creation'])
  })

  test('a lock on a table of few rows is worth a note, on many a warning', async () => {
    const text = 'alter table a alter column b set not null;'
    const few = await lint(text, { a: { rows: 12, sizeBytes: 8192 } })
    expect(few.findings[0]?.severity).toBe('info')
    const many = await lint(text, { a: { rows: 5_000_000, sizeBytes: 1e9 } })
    expect(many.findings[0]?.severity).toBe('warning')
  })

  test.each([
    ['alter table a add column x int; alter table b add column y int;', 'several-locked-tables'],
    ['update a set x = 1;', 'change-of-every-row'],
    ["alter type e add value 'new'; insert into a values ('new');", 'enum-value-used'],
    ['-- atlas: lock-timeout=0\nalter table a add column x int;', 'require-lock-timeout'],
    ['refresh materialized view m;', 'refresh-blocks-reads'],
    ['create role somebody;', 'cluster-wide'],
    ['alter table a add constraint e exclude using gist (r with &&);', 'exclusion-constraint'],
    ['cluster a;', 'table-rewrite'],
  ])('%s', async (text, rule) => {
    expect((await lint(text)).rules.map((one) => one.split(' ')[1])).toContain(rule)
  })

  test('each finding stands at its place, with why and, where it can be written, the safe way', async () => {
    const { findings } = await lint(
      '-- é👍\nalter table a\n  add constraint f foreign key (x) references b (id);',
    )
    expect(findings).toMatchObject([
      {
        rule: 'adding-foreign-key-constraint',
        line: 3,
        column: 7,
        rewrite: expect.stringContaining(
          'not valid;\n-- in the next migration\nalter table a validate constraint f;',
        ),
      },
    ])
  })
})

test('what cannot be parsed is said with its place', async () => {
  expect((await lint('select 1;\nselec 2;')).fault).toMatchObject({
    code: 'SYNTAX_ERROR',
    object: 'x.sql:2:1',
  })
})
