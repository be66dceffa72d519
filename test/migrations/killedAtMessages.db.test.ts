import { expect, inject, test } from 'vitest'
import { clear, expectRecovery, files, kill, places, startRunners, width } from './killing.ts'

/** After each message on the newest server; on the oldest, which shares the code, after each third: files take four. */
const step = inject('server').version === 18 ? 1 : 3

test(`killed after ${step === 1 ? 'every single' : 'each third'} message: every file is whole, and the next run finishes`, async () => {
  const whole = startRunners([{}])
  let messages = 0
  for await (const line of whole.lines) messages = Number(/^answered (\d+)/.exec(line)?.[1] ?? messages)
  // Three statements and the ledger's row a file, and what becomes of a runner before.
  expect(messages).toBeGreaterThan(files * 4)
  const left = new Set<number>()
  for (let from = 1; from <= messages; from += width * step) {
    await clear()
    const boundaries = Array.from(
      { length: Math.min(width, Math.ceil((messages - from + 1) / step)) },
      (_, index) => from + index * step,
    )
    const runners = startRunners(boundaries.map((holdAfter) => ({ holdAfter })))
    let held = 0
    for await (const line of runners.lines) if (line === 'held' && ++held === boundaries.length) break
    expect(held).toBe(boundaries.length)
    await kill(runners)
    for (const there of await Promise.all(places.slice(0, held).map(expectRecovery))) left.add(there)
  }
  // From none to all: every number of files was left by some kill, but perhaps the last where messages are left out.
  expect(left.size).toBeGreaterThanOrEqual(step === 1 ? files + 1 : files)
}, 300_000)
