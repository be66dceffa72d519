import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFrameInspector } from '../../src-main/adapters/rowGuard.ts'

const frame = (type: number, body: number) => {
  const bytes = Buffer.alloc(5 + body, 0x44)
  bytes[0] = type
  bytes.writeInt32BE(4 + body, 1)
  return bytes
}

test('every message is seen once, wherever the stream is cut', () => {
  const message = fc.tuple(fc.constantFrom(0x44, 0x43, 0x5a), fc.nat(40))
  fc.assert(
    fc.property(
      fc.array(message),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      (messages, cuts) => {
        const seen: [number, number][] = []
        const inspect = createFrameInspector((type, length) => seen.push([type, length - 4]) > 0)
        const stream = Buffer.concat(messages.map(([type, body]) => frame(type, body)))
        for (let at = 0, cut = 0; at < stream.length; cut++) {
          const size = cuts[cut % cuts.length] ?? 1
          expect(inspect(stream.subarray(at, at + size))).toBe(true)
          at += size
        }
        expect(seen).toEqual(messages)
      },
    ),
  )
})

test('a message that is not accepted stops the stream', () => {
  const inspect = createFrameInspector((_type, length) => length < 100)
  expect(inspect(Buffer.concat([frame(0x44, 10), frame(0x44, 200)]))).toBe(false)
})
