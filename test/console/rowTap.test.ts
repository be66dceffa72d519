import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRowSplitter } from '../../src-main/adapters/rowTap.ts'

const rowType = 0x44
const copyType = 0x64

const frame = (type: number, body: number, fill: number) => {
  const bytes = Buffer.alloc(5 + body, fill)
  bytes[0] = type
  bytes.writeInt32BE(4 + body, 1)
  return bytes
}

test('rows, copied data and other messages are parted whole, in order, wherever the stream is cut', () => {
  const message = fc.tuple(fc.constantFrom(rowType, rowType, copyType, 0x43, 0x5a), fc.nat(40))
  fc.assert(
    fc.property(
      fc.array(message),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
      (messages, cuts) => {
        const frames = messages.map(([type, body], at) => frame(type, body, at % 251))
        const stream = Buffer.concat(frames)
        const rows: Buffer[] = []
        const others: Buffer[] = []
        const copied: Buffer[] = []
        const sizes: number[] = []
        const split = createRowSplitter(
          {
            sink: { row: (size) => sizes.push(size), bytes: (piece) => rows.push(Buffer.from(piece)) },
            copySink: (piece) => copied.push(Buffer.from(piece)),
          },
          (bytes) => others.push(Buffer.from(bytes)),
        )
        for (let at = 0, cut = 0; at < stream.length; cut++) {
          const size = cuts[cut % cuts.length] ?? 1
          split(stream.subarray(at, at + size))
          at += size
        }
        const of = (isWanted: (type: number | undefined) => boolean) =>
          frames.filter((bytes) => isWanted(bytes[0]))
        const ofRows = of((type) => type === rowType)
        const ofCopy = of((type) => type === copyType).map((bytes) => bytes.subarray(5))
        expect(Buffer.concat(rows)).toEqual(Buffer.concat(ofRows))
        expect(Buffer.concat(copied)).toEqual(Buffer.concat(ofCopy))
        expect(Buffer.concat(others)).toEqual(
          Buffer.concat(of((type) => type !== rowType && type !== copyType)),
        )
        expect(sizes).toEqual(ofRows.map(({ length }) => length))
      },
    ),
  )
})

test('a message that sets the sink is handed on before the row behind it', () => {
  const taken: number[] = []
  const sinks: Parameters<typeof createRowSplitter>[0] = { sink: undefined }
  const split = createRowSplitter(sinks, (bytes) => {
    if (bytes[0] === 0x54) sinks.sink = { row: (size) => taken.push(size), bytes: () => {} }
  })
  split(Buffer.concat([frame(0x54, 10, 0), frame(rowType, 3, 0), frame(rowType, 4, 0)]))
  expect(taken).toEqual([8, 9])
})
