import { expect, test } from 'vitest'
import { clear, expectRecovery, files, kill, places, startRunners, width } from './killing.ts'

test('killed after every single message to the server: every file is whole, and the next run finishes', async () => {
  const whole = startRunners([{}])
  let messages = 0
  for await (const line of whole.lines) messages = Number(/^answered (\d+)/.exec(line)?.[1] ?? messages)
  // Three statements and the ledger's row a file, and what becomes of a runner before.
  expect(messages).toBeGreaterThan(files * 4)
  const left = new Set<number>()
  for (let from = 1; from <= messages; from += width) {
    await clear()
    const boundaries = Array.from(
      { length: Math.min(width, messages - from + 1) },
      (_, index) => from + index,
    )
    const runners = startRunners(boundaries.map((holdAfter) => ({ holdAfter })))
    let held = 0
    for await (const line of runners.lines) if (line === 'held' && ++held === boundaries.length) break
    expect(held).toBe(boundaries.length)
    await kill(runners)
    for (const there of await Promise.all(places.slice(0, held).map(expectRecovery))) left.add(there)
  }
  // From none to all: every number of files was left by some kill.
  expect(left.size).toBe(files + 1)
}, 300_000)
