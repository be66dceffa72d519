import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRowSplitter } from '../../src-main/adapters/rowTap.ts'

const rowType = 0x44

const frame = (type: number, body: number, fill: number) => {
  const bytes = Buffer.alloc(5 + body, fill)
  bytes[0] = type
  bytes.writeInt32BE(4 + body, 1)
  return bytes
}

test('rows and other messages are parted whole, in order, wherever the stream is cut', () => {
  const message = fc.tuple(fc.constantFrom(rowType, rowType, 0x43, 0x5a), fc.nat(40))
  fc.assert(
    fc.property(
      fc.array(message),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
      (messages, cuts) => {
        const frames = messages.map(([type, body], at) => frame(type, body, at % 251))
        const stream = Buffer.concat(frames)
        const rows: Buffer[] = []
        const others: Buffer[] = []
        const sizes: number[] = []
        const split = createRowSplitter(
          () => ({ row: (size) => sizes.push(size), bytes: (piece) => rows.push(Buffer.from(piece)) }),
          (bytes) => others.push(Buffer.from(bytes)),
        )
        for (let at = 0, cut = 0; at < stream.length; cut++) {
          const size = cuts[cut % cuts.length] ?? 1
          split(stream.subarray(at, at + size))
          at += size
        }
        const isRow = (bytes: Buffer) => bytes[0] === rowType
        expect(Buffer.concat(rows)).toEqual(Buffer.concat(frames.filter(isRow)))
        expect(Buffer.concat(others)).toEqual(Buffer.concat(frames.filter((bytes) => !isRow(bytes))))
        expect(sizes).toEqual(frames.filter(isRow).map(({ length }) => length))
      },
    ),
  )
})

test('a message that sets the sink is handed on before the row behind it', () => {
  let sink: { row: (size: number) => void; bytes: (piece: Buffer) => void } | undefined
  const taken: number[] = []
  const split = createRowSplitter(
    () => sink,
    (bytes) => {
      if (bytes[0] === 0x54) sink = { row: (size) => taken.push(size), bytes: () => {} }
    },
  )
  split(Buffer.concat([frame(0x54, 10, 0), frame(rowType, 3, 0), frame(rowType, 4, 0)]))
  expect(taken).toEqual([8, 9])
})
