import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { createBatch, type Entry } from '../../src-main/logs/batch.ts'
import type { LogFilter } from '../../src-main/logs/contract.ts'
import { levelNumber } from '../../src-main/logs/level.ts'
import { openSpool, type Spool } from '../../src-main/logs/spool.ts'
import { createView } from '../../src-main/logs/view.ts'

const folders: string[] = []
const spools: Spool[] = []
afterEach(async () => {
  for (const spool of spools.splice(0)) await spool.close()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

async function makeSpool(settings?: { segmentBytes: number; keptBytes: number }): Promise<Spool> {
  const folder = mkdtempSync(join(tmpdir(), 'atlas-spool-'))
  folders.push(folder)
  const spool = await openSpool(folder, settings)
  spools.push(spool)
  return spool
}

type Written = Omit<Entry, 'bytes' | 'start' | 'end'> & { text: string }

async function append(spool: Spool, entries: Written[]): Promise<void> {
  const batch = createBatch()
  for (const { text, ...entry } of entries) {
    const bytes = Buffer.from(`before${text}after`)
    batch.add({ ...entry, bytes, start: 6, end: bytes.length - 5 })
  }
  await spool.append(batch)
}

/** Line `n` of service `n % 2`, an error every hundred, at second `n`. */
async function fill(spool: Spool, from: number, count: number): Promise<void> {
  for (let at = from; at < from + count; at += 1000) {
    await append(
      spool,
      Array.from({ length: Math.min(1000, from + count - at) }, (_, index) => {
        const line = at + index
        return {
          at: line * 1000,
          source: line % 2,
          service: line % 2,
          level: levelNumber(line % 100 === 0 ? 'error' : 'info'),
          isError: false,
          text: `line ${line} of ${line % 2 === 0 ? 'db' : 'api'} ünï`,
        }
      }),
    )
  }
}

const all: LogFilter = { isRegex: false, isCaseSensitive: false, isOnlyMatching: true }
const view = (spool: Spool, filter: Partial<LogFilter>) =>
  createView(spool, ['db', 'api'], { ...all, ...filter }, () => {})

describe('a view of the log', () => {
  test('without a filter is the log itself', async () => {
    const spool = await makeSpool()
    await fill(spool, 0, 5000)
    const shown = view(spool, {})
    expect(shown.state()).toMatchObject({ rows: 5000, matches: 0 })
    const rows = await shown.read(4998, 10)
    expect(rows.map(({ text, service }) => [text, service])).toEqual([
      ['line 4998 of db ünï', 'db'],
      ['line 4999 of api ünï', 'api'],
    ])
  })

  test('searches the whole log, in text cut over many files, and keeps up with what comes', async () => {
    const spool = await makeSpool({ segmentBytes: 20_000, keptBytes: 1024 ** 3 })
    await fill(spool, 0, 12_000)
    const shown = view(spool, { pattern: '^line \\d*77 of', isRegex: true })
    await shown.scan()
    expect(shown.state()).toMatchObject({ rows: 120, matches: 120, scannedLines: 12_000 })
    expect((await shown.read(119, 5)).map(({ text }) => text)).toEqual(['line 11977 of api ünï'])
    await fill(spool, 12_000, 100)
    await shown.scan()
    expect(shown.state().rows).toBe(121)
  })

  test('narrows by service, level and time without reading a text', async () => {
    const spool = await makeSpool()
    await fill(spool, 0, 3000)
    const errors = view(spool, {
      levels: ['error'],
      services: ['db'],
      from: new Date(1000_000),
      to: new Date(2000_000),
    })
    await errors.scan()
    expect((await errors.read(0, 100)).map(({ line }) => line)).toEqual([
      1000, 1100, 1200, 1300, 1400, 1500, 1600, 1700, 1800, 1900,
    ])
  })

  test('goes from match to match among all lines, and round at the end', async () => {
    const spool = await makeSpool()
    await fill(spool, 0, 300)
    const shown = view(spool, { pattern: 'LINE 1', isOnlyMatching: false })
    await shown.scan()
    expect(shown.state().rows).toBe(300)
    expect(shown.findMatch(-1, false)).toEqual({ row: 1, match: 0 })
    expect(shown.findMatch(1, false)).toEqual({ row: 10, match: 1 })
    expect(shown.findMatch(1, true).row).toBe(199)
    expect((await shown.read(1, 1))[0]?.isMatch).toBe(true)
    expect((await shown.read(2, 1))[0]?.isMatch).toBe(false)
  })

  test('stops a pattern that would take for ever, and says so', async () => {
    const spool = await makeSpool()
    await append(spool, [
      { at: 1, source: 0, service: 0, level: 0, isError: false, text: `${'a'.repeat(60)}!` },
    ])
    const shown = view(spool, { pattern: '^(a+)+$', isRegex: true })
    await shown.scan()
    expect(shown.state().patternError).toContain('takes too long')
  })

  test('says what is wrong with a pattern', async () => {
    expect(view(await makeSpool(), { pattern: '(', isRegex: true }).state().patternError).toMatch(
      /unterminated/i,
    )
  })

  test('drops the oldest past its bound, and says from where it is whole', async () => {
    const spool = await makeSpool({ segmentBytes: 20_000, keptBytes: 60_000 })
    const shown = view(spool, { pattern: 'line', isOnlyMatching: true })
    await fill(spool, 0, 10_000)
    await shown.scan()
    expect(spool.lines).toBe(10_000)
    expect(spool.firstLine).toBeGreaterThan(5000)
    expect(shown.state().rows).toBe(10_000 - spool.firstLine)
    expect((await shown.read(0, 1))[0]?.line).toBe(spool.firstLine)
  })

  test('exports its rows as text', async () => {
    const spool = await makeSpool()
    await fill(spool, 0, 2500)
    const parts: string[] = []
    for await (const part of view(spool, {}).export()) parts.push(part)
    const lines = parts.join('').trimEnd().split('\n')
    expect(lines).toHaveLength(2500)
    expect(lines[1]).toBe('1970-01-01T00:00:01.000Z api line 1 of api ünï')
  })
})
