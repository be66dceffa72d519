import { PassThrough } from 'node:stream'
import { expect, test, vi } from 'vitest'
import type { LogRequest } from '../../src-main/logs/openLog.ts'
import { createSource } from '../../src-main/logs/source.ts'

const container = { id: 'c', name: 'c', service: 'db', startedAt: '1', isRunning: true, hasTerminal: false }
const stampOf = (second: number, nanoseconds: number) =>
  `2026-11-25T09:12:${String(second).padStart(2, '0')}.${String(nanoseconds).padStart(9, '0')}Z`

function frame(text: string): Buffer {
  const payload = Buffer.from(`${text}\n`)
  const header = Buffer.alloc(8)
  header[0] = 1
  header.writeUInt32BE(payload.length, 4)
  return Buffer.concat([header, payload])
}

test('follows over a restart without a gap and without a double, even where two lines are alike', async () => {
  const requests: LogRequest[] = []
  const streams: PassThrough[] = []
  const taken: { at: number; text: string }[] = []
  const source = createSource({
    openLog: async (_id, request) => {
      requests.push(request)
      const stream = new PassThrough()
      streams.push(stream)
      return stream
    },
    container,
    take: ({ at, bytes, start, end }) => taken.push({ at, text: bytes.toString('utf8', start, end) }),
    readLastSecond: async (since) => taken.filter(({ at }) => at >= since),
    changed: () => {},
  })
  void source.follow()
  await vi.waitFor(() => expect(streams).toHaveLength(1))
  const before = [
    `${stampOf(1, 0)} old`,
    `${stampOf(5, 100)} same`,
    `${stampOf(5, 100)} same`,
    `${stampOf(5, 900)} last`,
  ]
  for (const line of before) streams[0]?.write(frame(line))
  await vi.waitFor(() => expect(taken).toHaveLength(4))
  streams[0]?.end()
  source.update({ ...container, startedAt: '2' })
  await vi.waitFor(() => expect(streams).toHaveLength(2))

  // The engine sends the last second again, a line that a second writer stamped earlier, and what is new.
  for (const line of [
    before[1],
    before[2],
    `${stampOf(5, 500)} late`,
    before[3],
    `${stampOf(5, 900)} last`,
    `${stampOf(7, 0)} new`,
  ])
    streams[1]?.write(frame(line ?? ''))
  await vi.waitFor(() => expect(taken.at(-1)?.text).toBe('new'))
  expect(taken.map(({ text }) => text)).toEqual(['old', 'same', 'same', 'last', 'late', 'last', 'new'])
  expect(requests.map(({ since }) => since)).toEqual([undefined, expect.stringMatching(/^\d+\.\d{9}$/)])
  source.close()
})
