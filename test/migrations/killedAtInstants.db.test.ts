import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, inject, test } from 'vitest'
import { clear, expectRecovery, files, kill, places, startRunners, width } from './killing.ts'

/** The full number on the newest server; the oldest shares the code and has all messages of the other file. */
const instants = inject('server').version === 18 ? 200 : 40

test(`killed at ${instants} instants: every file is whole, and the next run finishes`, async () => {
  await clear()
  const whole = startRunners(places.map(() => ({})))
  await once(whole.lines, 'line')
  const begun = performance.now()
  await whole.exited
  const windowMs = (performance.now() - begun) * 0.7
  let midway = 0
  for (let killed = 0; killed < instants; killed += width) {
    await clear()
    const runners = startRunners(places.map(() => ({ delayMs: Math.random() * windowMs })))
    await once(runners.lines, 'line')
    await sleep(windowMs)
    await kill(runners)
    const left = await Promise.all(places.map(expectRecovery))
    midway += left.filter((there) => there > 0 && there < files).length
  }
  expect(midway).toBeGreaterThan(instants / 10)
}, 300_000)
