import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AtlasError } from '../errors.ts'
import { normaliseScript, type Statement, splitStatements, UnterminatedError } from '../sqlText.ts'

export interface MigrationFile {
  version: string
  name: string
  fileName: string
  text: string
  checksum: string
  normalisedChecksum: string
  statements: Statement[]
}

const pattern = /^(\d{3,})_([A-Za-z0-9_-]+)\.sql$/
const companions = /\.(down|verify)\.sql$/

/** Reads the migrations of a folder in order of their versions. Throws `FILE_UNREADABLE`, `CONFLICT`, `SYNTAX_ERROR`. */
export async function readMigrations(folder: string): Promise<MigrationFile[]> {
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    throw new AtlasError(
      'FILE_UNREADABLE',
      'The folder of the migrations cannot be read',
      { object: folder, sqlState: cause.code, next: 'Check that the folder exists and may be read.' },
      { cause },
    )
  })
  const matches = names.flatMap((fileName) => {
    const match = companions.test(fileName) ? null : pattern.exec(fileName)
    return match ? [{ fileName, version: match[1] ?? '', name: match[2] ?? '' }] : []
  })
  matches.sort((a, b) => Number(a.version) - Number(b.version))
  const twice = matches.find((entry, index) => Number(entry.version) === Number(matches[index - 1]?.version))
  if (twice) {
    throw new AtlasError('CONFLICT', `Two migrations have the version ${twice.version}`, {
      object: twice.fileName,
      saved: 'Nothing was applied.',
      next: 'Renumber one of them.',
    })
  }
  return Promise.all(matches.map((match) => readMigration(folder, match)))
}

async function readMigration(folder: string, match: { fileName: string; version: string; name: string }) {
  const bytes = await readFile(join(folder, match.fileName))
  const text = decode(bytes, match.fileName).replaceAll('\r\n', '\n')
  if (/^--\s*atlas:\s*no-transaction\b/m.test(text)) {
    throw new AtlasError('UNSUPPORTED', 'A migration outside of a transaction cannot be applied yet', {
      object: match.fileName,
      saved: 'Nothing was applied.',
      next: 'Remove the option, or apply this file with psql.',
    })
  }
  try {
    return {
      ...match,
      text,
      checksum: sha256(text),
      normalisedChecksum: sha256(normaliseScript(text)),
      statements: splitStatements(text),
    }
  } catch (cause) {
    if (!(cause instanceof UnterminatedError)) throw cause
    throw new AtlasError(
      'SYNTAX_ERROR',
      cause.message,
      {
        object: `${match.fileName}:${cause.line}`,
        saved: 'Nothing was applied.',
        next: 'Close it and try again.',
      },
      { cause },
    )
  }
}

function decode(bytes: Buffer, fileName: string): string {
  try {
    // Drops a byte order mark; refuses what is no UTF-8 rather than applying replacement characters.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new AtlasError(
      'FILE_UNREADABLE',
      'The migration is not UTF-8',
      { object: fileName, saved: 'Nothing was applied.', next: 'Save the file as UTF-8.' },
      { cause },
    )
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
