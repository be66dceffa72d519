import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { readScript } from '../../src-main/console/script.ts'

test('other work goes on while a long script is cut, and every statement of a selection is in its place', async () => {
  const lines = Array.from({ length: 60_000 }, (_line, at) => `insert into t\n  values (${at}, 'it''s');`)
  const text = `-- first\n${lines.join('\n')}`
  const start = text.indexOf('\n') + 1
  let turns = 0
  let isDone = false
  const counting = (async () => {
    for (; !isDone; turns++) await setImmediate()
  })()
  const statements = await readScript(text, { range: { start, end: text.length } })
  isDone = true
  await counting
  expect(turns).toBeGreaterThan(4)
  expect(statements).toHaveLength(lines.length)
  const last = statements.at(-1)
  expect(last).toMatchObject({ line: 2 * lines.length, column: 1, text: text.slice(last?.start, last?.end) })
})
