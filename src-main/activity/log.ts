import { open } from 'node:fs/promises'
import type { Queryable } from '../adapters/postgres.ts'
import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import type { LogPage, logContract } from './log.contract.ts'
import { formatOf, readEntries, wholeRecords } from './logEntries.ts'
import { listLogFiles, logAccess, readLogFile } from './logSql.ts'

interface Dependencies {
  db: Pick<Queryable, 'rows' | 'row'>
  /** The file that the embedded server writes to, where this is its environment. */
  ownLogFile: string | undefined
}

const pageBytes = 256 * 1024

/** The log that the server writes, a page at a time from its end. */
export function createServerLog({ db, ownLogFile }: Dependencies): ServiceOf<typeof logContract> {
  return {
    serverLog: async ({ file: wanted, to }) => {
      const access = await db.row(logAccess())
      if (!access?.isCollected) {
        return ownLogFile
          ? readOwn(ownLogFile, to)
          : none(
              'The server keeps no log files: logging_collector is off.',
              'Where it writes instead is up to whoever starts it: its container or its service has the log. To have files, set logging_collector = on and restart it.',
            )
      }
      if (!access.mayList || !access.mayRead || access.directory === null)
        return none(
          'This role may not read the log of the server.',
          'A superuser may; so may a member of pg_monitor with execute on pg_read_binary_file(text, bigint, bigint).',
        )
      const files = await db.rows(listLogFiles())
      const file = wanted === undefined ? files[0] : files.find(({ name }) => name === wanted)
      if (!file)
        throw new AtlasError('NOT_FOUND', 'There is no such log file', {
          object: wanted ?? access.directory,
          next: 'It may have been removed by rotation: choose another.',
        })
      const path = `${access.directory}/${file.name}`
      const page = await readPage(file.name, file.sizeBytes, to, async (offset, length) => {
        const piece = await db.row(readLogFile(path, offset, length))
        return piece?.bytes ?? Buffer.alloc(0)
      })
      return { ...page, files }
    },
  }
}

async function readOwn(path: string, to: number | undefined): Promise<LogPage> {
  const handle = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw new AtlasError('NOT_FOUND', 'The log of the embedded server cannot be read', {
      object: path,
      detail: error.code,
      next: 'It is made when the server starts.',
    })
  })
  try {
    const { size } = await handle.stat()
    return await readPage(path, size, to, async (position, length) => {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position)
      return buffer.subarray(0, bytesRead)
    })
  } finally {
    await handle.close()
  }
}

async function readPage(
  file: string,
  sizeBytes: number,
  wantedEnd: number | undefined,
  read: (offset: number, length: number) => Promise<Buffer>,
): Promise<LogPage> {
  const format = formatOf(file)
  const until = Math.min(wantedEnd ?? sizeBytes, sizeBytes)
  const offset = Math.max(0, until - pageBytes)
  const bytes = await read(offset, until - offset)
  const { start, end } = wholeRecords(bytes, format, offset === 0)
  // A record longer than a page is passed over.
  const from = start === bytes.length ? offset : offset + start
  return {
    files: [],
    file,
    format,
    sizeBytes,
    from,
    to: offset + end,
    entries: readEntries(bytes.subarray(start, end).toString('utf8'), format),
    unavailable: null,
  }
}

const none = (reason: string, next: string): LogPage => ({
  files: [],
  file: '',
  format: 'text',
  sizeBytes: 0,
  from: 0,
  to: 0,
  entries: [],
  unavailable: { reason, next },
})
