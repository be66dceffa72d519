import { setImmediate as breathe } from 'node:timers/promises'
import { AtlasError } from '../errors.ts'
import { type LogFilter, type LogLine, levels } from './contract.ts'
import { createGrowingList } from './growingList.ts'
import { compileMatcher } from './matcher.ts'
import type { IndexEntry, Spool } from './spool.ts'

const indexAtOnce = 8192
const textBytesAtOnce = 512 * 1024

export type View = ReturnType<typeof createView>

/**
 * The lines of a spool that a filter lets through, found in the background and kept up with as lines come. Where nothing
 * narrows, the rows are the lines themselves and nothing is kept.
 */
export function createView(
  spool: Spool,
  serviceNames: readonly string[],
  filter: LogFilter,
  changed: () => void,
) {
  let matcher: ReturnType<typeof compileMatcher>
  let patternError: string | null = null
  try {
    matcher = compileMatcher(filter)
  } catch (error) {
    patternError = error instanceof AtlasError ? (error.fault.detail ?? error.message) : String(error)
  }
  const isNarrowed = Boolean(filter.services || filter.levels || filter.from || filter.to)
  const hasPattern = Boolean(filter.pattern)
  const keepsRows = isNarrowed || (hasPattern && filter.isOnlyMatching)
  const rows = createGrowingList()
  const matches = createGrowingList()
  const wantedLevels = filter.levels && new Set(filter.levels.map((level) => levels.indexOf(level)))
  const wantedServices = filter.services && new Set(filter.services)
  let scanned = 0
  let isScanning = false
  let isClosed = false

  const isWanted = ({ at, level, service }: IndexEntry) =>
    (!wantedLevels || wantedLevels.has(level)) &&
    (!wantedServices || wantedServices.has(serviceNames[service] ?? '')) &&
    (!filter.from || at >= filter.from.getTime()) &&
    (!filter.to || at < filter.to.getTime())

  const rowCount = () => (keepsRows ? rows.length : spool.lines - spool.firstLine)
  const lineOf = (row: number) => (keepsRows ? rows.at(row) : spool.firstLine + row)
  const rowOf = (line: number) => (keepsRows ? rows.positionOf(line) : Math.max(0, line - spool.firstLine))

  /** Looks at what has come since the last time, a piece at a time, so that others have their turn. */
  async function scan(): Promise<void> {
    if (isScanning || isClosed) return
    if (!keepsRows && !hasPattern) {
      scanned = spool.lines
      return
    }
    isScanning = true
    try {
      rows.dropBelow(spool.firstLine)
      matches.dropBelow(spool.firstLine)
      while (scanned < spool.lines && !isClosed && !patternError) {
        const entries = await spool.readIndex(scanned, indexAtOnce)
        if (entries.length === 0) break
        await look(entries)
        scanned = (entries.at(-1)?.line ?? scanned) + 1
        changed()
        await breathe()
      }
    } catch (error) {
      if (!(error instanceof AtlasError)) throw error
      patternError = `${error.message}. ${error.fault.next ?? ''}`
      changed()
    } finally {
      isScanning = false
    }
  }

  async function look(entries: readonly IndexEntry[]): Promise<void> {
    const found = matcher ? new Set<number>() : undefined
    if (matcher && found) {
      for (const piece of piecesOf(entries)) {
        const wanted = piece.filter(isWanted)
        if (wanted.length === 0) continue
        const texts = await spool.readTexts(piece)
        const byLine = new Map(piece.map(({ line }, at) => [line, texts[at] ?? '']))
        for (const at of matcher(wanted.map(({ line }) => byLine.get(line) ?? ''))) {
          const line = wanted[at]?.line
          if (line !== undefined) found.add(line)
        }
      }
    }
    for (const entry of entries) {
      const isFound = found?.has(entry.line) ?? false
      if (isFound) matches.push(entry.line)
      if (keepsRows && isWanted(entry) && (!hasPattern || !filter.isOnlyMatching || isFound))
        rows.push(entry.line)
    }
  }

  return {
    scan,
    state: () => ({
      rows: rowCount(),
      matches: matches.length,
      scannedLines: keepsRows || hasPattern ? scanned : spool.lines,
      patternError,
    }),

    async read(from: number, count: number): Promise<LogLine[]> {
      const end = Math.min(rowCount(), from + count)
      const wanted = Array.from({ length: Math.max(0, end - from) }, (_, at) => ({
        row: from + at,
        line: lineOf(from + at) ?? 0,
      }))
      const lines: LogLine[] = []
      let at = 0
      while (at < wanted.length) {
        // Lines that follow each other are read together.
        let length = 1
        while (at + length < wanted.length && wanted[at + length]?.line === (wanted[at]?.line ?? 0) + length)
          length += 1
        const entries = await spool.readIndex(wanted[at]?.line ?? 0, length)
        const texts = await spool.readTexts(entries)
        entries.forEach((entry, position) => {
          const matchAt = matches.positionOf(entry.line)
          lines.push({
            row: (wanted[at]?.row ?? 0) + position,
            line: entry.line,
            at: entry.at,
            service: serviceNames[entry.service] ?? '',
            level: levels[entry.level] ?? 'none',
            isError: entry.isError,
            isMatch: hasPattern && matches.at(matchAt) === entry.line,
            text: texts[position] ?? '',
          })
        })
        // A run that ends with its file is asked for again from there.
        at += Math.max(1, entries.length)
      }
      return lines
    },

    findMatch(row: number, isBackward: boolean): { row: number | null; match: number } {
      if (matches.length === 0) return { row: null, match: -1 }
      const line = row < 0 ? spool.firstLine - 1 : (lineOf(row) ?? spool.firstLine)
      const next = isBackward ? matches.positionOf(line) - 1 : matches.positionOf(line + 1)
      const match = (next + matches.length) % matches.length
      return { row: rowOf(matches.at(match) ?? 0), match }
    },

    findRow: (line: number) => ({ row: Math.min(Math.max(0, rowCount() - 1), rowOf(line)) }),

    async *export(from = 0, count = Number.POSITIVE_INFINITY): AsyncGenerator<string> {
      const end = Math.min(rowCount(), from + count)
      for (let at = from; at < end; at += 1000) {
        const lines = await this.read(at, Math.min(1000, end - at))
        yield lines
          .map((line) => `${new Date(line.at).toISOString()} ${line.service} ${line.text}\n`)
          .join('')
      }
    },

    close() {
      isClosed = true
    },
  }
}

function* piecesOf(entries: readonly IndexEntry[]): Generator<IndexEntry[]> {
  let piece: IndexEntry[] = []
  let size = 0
  for (const entry of entries) {
    piece.push(entry)
    size += entry.length
    if (size < textBytesAtOnce) continue
    yield piece
    piece = []
    size = 0
  }
  if (piece.length > 0) yield piece
}
