import { expect, test } from 'vitest'
import type { AuditEntry } from '../../src-main/audit/contract.ts'
import { changesOf, storyOf } from '../../src-renderer/audit/story.ts'

const entry = (action: AuditEntry['action'], old: AuditEntry['old'], after: AuditEntry['new']) =>
  ({
    action,
    schema: 'pipeline',
    table: 'pipeline_tasks',
    user: 'ada',
    actor: null,
    old,
    new: after,
  }) as AuditEntry

test('an update of a document is told by the fields that changed', () => {
  const changed = entry(
    'update',
    {
      config: { source: 'a.csv', retry: { times: 3, after: 5 }, gone: 1 },
      list: [1],
      name: 'x',
      updated_at: '1',
    },
    {
      config: { source: 'b.csv', retry: { times: 4, after: 5 }, new: null },
      list: [2],
      name: null,
      updated_at: '2',
    },
  )
  expect(changesOf(changed).map(({ column, before, after }) => [column, before, after])).toEqual([
    ['config.gone', '1', undefined],
    ['config.new', undefined, 'null'],
    ['config.retry.times', '3', '4'],
    ['config.source', 'a.csv', 'b.csv'],
    ['list', '[1]', '[2]'],
    ['name', 'x', 'null'],
  ])
  expect(storyOf(entry('update', { config: { a: 1 } }, { config: { a: 2 } }))).toBe(
    'ada changed config.a of pipeline.pipeline_tasks',
  )
})

test('an added row is told whole, and a hash is known as personal', () => {
  expect(changesOf(entry('insert', null, { config: { a: 1 }, mail: 'sha256:00' }))).toEqual([
    { column: 'config', before: undefined, after: '{"a":1}', isPersonal: false },
    { column: 'mail', before: undefined, after: 'sha256:00', isPersonal: true },
  ])
})
