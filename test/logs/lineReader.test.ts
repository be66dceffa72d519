import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLineReader, type RawLine } from '../../src-main/logs/lineReader.ts'

const stamp = '2026-11-25T09:12:09.418123456Z'
const at = Date.parse('2026-11-25T09:12:09Z') + 418.123456

/** A frame as the engine writes one: stream, three zeros, length, payload. */
function frame(stream: number, text: string): Buffer {
  const payload = Buffer.from(text)
  const header = Buffer.alloc(8)
  header[0] = stream
  header.writeUInt32BE(payload.length, 4)
  return Buffer.concat([header, payload])
}

function read(chunks: Buffer[], hasTerminal = false): (Pick<RawLine, 'at' | 'isError'> & { text: string })[] {
  const lines: ReturnType<typeof read> = []
  const take = createLineReader(hasTerminal, ({ at, isError, bytes, start, end }) =>
    lines.push({ at, isError, text: bytes.toString('utf8', start, end) }),
  )
  for (const chunk of chunks) take(chunk)
  return lines
}

/** The same bytes cut at the given places. */
function cut(bytes: Buffer, places: number[]): Buffer[] {
  const cuts = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return cuts.slice(0, -1).map((from, index) => bytes.subarray(from, cuts[index + 1]))
}

describe('the lines of a container', () => {
  test('have the time, the stream and the text that the engine sent', () => {
    expect(
      read([frame(1, `${stamp} first\n`), frame(2, `${stamp} wrong\r\n`), frame(1, `${stamp} \n`)]),
    ).toEqual([
      { at: expect.closeTo(at, 3), isError: false, text: 'first' },
      { at: expect.closeTo(at, 3), isError: true, text: 'wrong' },
      { at: expect.closeTo(at, 3), isError: false, text: '' },
    ])
  })

  test('are the same wherever the stream is cut', () => {
    const texts = fc.array(
      fc.tuple(
        fc.constantFrom(1, 2),
        fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n]/g, ' ')),
      ),
      {
        maxLength: 12,
      },
    )
    fc.assert(
      fc.property(texts, fc.array(fc.nat(5000), { maxLength: 20 }), (written, places) => {
        const bytes = Buffer.concat(written.map(([stream, text]) => frame(stream, `${stamp} ${text}\n`)))
        const found = read(cut(bytes, places))
        expect(found.map(({ isError, text }) => [isError ? 2 : 1, text])).toEqual(written)
      }),
      { numRuns: 300 },
    )
  })

  test('are put together where the engine split them, each stream for itself', () => {
    const found = read([
      frame(1, `${stamp} a`),
      frame(2, `${stamp} x\n`),
      frame(1, `${stamp} b`),
      frame(1, `${stamp} c\n`),
    ])
    expect(found.map(({ text }) => text)).toEqual(['x', 'abc'])
  })

  test('of a terminal come without frames', () => {
    const bytes = Buffer.from(`${stamp} one\r\n${stamp} \u001b[32mtwo\u001b[0m\r\n`)
    expect(read(cut(bytes, [3, 40, 41]), true).map(({ text }) => text)).toEqual([
      'one',
      '\u001b[32mtwo\u001b[0m',
    ])
  })

  test('never fill the memory: one without an end is cut and nothing of it lost', () => {
    const piece = 'x'.repeat(16_384)
    const chunks = Array.from({ length: 40 }, () => frame(1, `${stamp} ${piece}`))
    const found = read([...chunks, frame(1, `${stamp} end\n`)])
    expect(found.length).toBeGreaterThan(1)
    expect(found.map(({ text }) => text).join('')).toBe(`${piece.repeat(40)}end`)
  })

  test('with a time in another zone stand at the same instant', () => {
    const [line] = read([frame(1, '2026-11-25T10:12:09.5+01:00 hello\n')])
    expect(line?.at).toBe(Date.parse('2026-11-25T09:12:09.500Z'))
    expect(line?.text).toBe('hello')
  })
})
