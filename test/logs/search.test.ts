import { expect, test } from 'vitest'
import { compileMatcher } from '../../src-main/logs/matcher.ts'
import { parseSearch } from '../../src-renderer/stack/logText.ts'

const lines = [
  '{"level":"info","status":500,"path":"/v1/7","user":{"name":"o","id":7}}',
  '{"status": "500", "note":"status=404"}',
  '{"status":5001,"user":{"id":70},"id":7}',
  'time=1 status=500 path="/v1"',
  'status=5000',
]

test.each([
  ['status=500', [0, 1, 3]],
  ['status="500"', [0, 1]],
  ['path=/v1/7', [0]],
  ['user.id=7', [0]],
  ['id=7', [0, 2]],
  ['/status=500\\b/', [3]],
  ['status = 500', []],
])('%s finds the lines %j', (typed, expected) => {
  expect(compileMatcher(parseSearch(typed))?.(lines)).toEqual(expected)
})
