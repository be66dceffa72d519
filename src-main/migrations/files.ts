import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { AtlasError } from '../errors.ts'
import { placeOf } from '../sqlText.ts'
import { type MigrationName, parseFileName, versionKey } from './names.ts'
import { type MigrationOptions, readOptions } from './options.ts'
import { cutSections } from './sections.ts'

export interface MigrationFile {
  version: string
  /** Orders versions as text. */
  key: string
  name: string
  fileName: string
  folder: string
  /** What is run: of a file with sections, the forward one. Line ends are LF. */
  text: string
  /** SHA-256 of `text`. */
  checksum: string
  options: MigrationOptions
  /** What takes it back: of a file of its own, its name; of a section, the section. */
  down: { fileName: string } | { text: string } | undefined
  /** The file that proves it. */
  verifyFileName: string | undefined
}

const readAtOnce = 500

/**
 * Reads the migrations of a folder in order of their versions, repeatable ones last.
 * Throws `FILE_UNREADABLE`, `CONFLICT`, `INPUT_INVALID`. Statements are not looked at: see `prepareMigration`.
 */
export async function readMigrations(folder: string): Promise<MigrationFile[]> {
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    throw new AtlasError(
      'FILE_UNREADABLE',
      'The folder of the migrations cannot be read',
      { object: folder, sqlState: cause.code, next: 'Check that the folder exists and may be read.' },
      { cause },
    )
  })
  const parsed = names.flatMap((fileName) => parseFileName(fileName) ?? [])
  const companions = new Map(
    parsed
      .filter(({ part }) => part !== 'up')
      .map(({ part, version, fileName }) => [`${part} ${versionKey(version)}`, fileName]),
  )
  const files: MigrationFile[] = []
  for (const [index, name] of parsed.filter(({ part }) => part === 'up').entries()) {
    // Reading one by one in the thread is four times as fast as by promises; a long list lets others in between.
    if (index % readAtOnce === readAtOnce - 1) await setImmediate()
    files.push(readMigration(folder, name, companions))
  }
  files.sort((a, b) => compareKeys(orderOf(a), orderOf(b)))
  const twice = files.find((file, index) => file.key === files[index - 1]?.key)
  if (twice) {
    throw new AtlasError('CONFLICT', `Two migrations have the version ${twice.version}`, {
      object: twice.fileName,
      saved: 'Nothing was applied.',
      next: 'Renumber one of them.',
    })
  }
  return files
}

/** Reads the text that takes a migration back, or that proves it; undefined where there is none. */
export function readCompanion(file: MigrationFile, part: 'down' | 'verify'): string | undefined {
  if (part === 'verify') return file.verifyFileName && readText(file.folder, file.verifyFileName)
  if (file.down === undefined) return undefined
  return 'text' in file.down ? file.down.text : readText(file.folder, file.down.fileName)
}

/** SHA-256 of a text, in hexadecimal. */
export function checksumOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

export function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

const orderOf = ({ options, key }: MigrationFile) => `${options.isRepeatable ? 1 : 0}${key}`

function readMigration(
  folder: string,
  { fileName, version, name, isRepeatable }: MigrationName,
  companions: ReadonlyMap<string, string>,
): MigrationFile {
  const whole = readText(folder, fileName)
  const { up, down, isTransactional } = cutSections(whole)
  const key = versionKey(version)
  const options = readOptions(up, fileName)
  const downFile = companions.get(`down ${key}`)
  return {
    version,
    key,
    name,
    fileName,
    folder,
    text: up,
    checksum: checksumOf(up),
    options: {
      ...options,
      isTransactional: options.isTransactional && isTransactional,
      isRepeatable: options.isRepeatable || isRepeatable,
    },
    down: downFile ? { fileName: downFile } : down === undefined ? undefined : { text: down },
    verifyFileName: companions.get(`verify ${key}`),
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true })

function readText(folder: string, fileName: string): string {
  const path = join(folder, fileName)
  try {
    // Drops a byte order mark; refuses what is no UTF-8 rather than applying replacement characters.
    const bytes = readFileSync(path)
    const nul = bytes.indexOf(0)
    const text = decoder.decode(bytes).replaceAll('\r\n', '\n')
    if (nul !== -1)
      throw nulError(fileName, text, `Byte ${nul} of the file, counted from 0.`, 'Nothing was applied.')
    return text
  } catch (cause) {
    if (cause instanceof AtlasError) throw cause
    const { code } = cause as NodeJS.ErrnoException
    const isEncoding = code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
    throw new AtlasError(
      'FILE_UNREADABLE',
      isEncoding ? 'The migration is not UTF-8' : 'The migration cannot be read',
      {
        object: fileName,
        ...(isEncoding ? {} : { sqlState: code }),
        saved: 'Nothing was applied.',
        next: isEncoding ? 'Save the file as UTF-8.' : 'Check that the file may be read.',
      },
      { cause },
    )
  }
}

/** Of a text that holds U+0000, which no statement of PostgreSQL can carry: the error that says where. */
export function nulError(fileName: string, text: string, detail: string, saved: string): AtlasError {
  const { line, column } = placeOf(text, text.indexOf('\0'))
  return new AtlasError('INPUT_INVALID', 'The migration holds the character U+0000', {
    object: `${fileName}:${line}:${column}`,
    detail,
    saved,
    next: 'Remove the character: PostgreSQL takes no text with it. If the file is UTF-16, save it as UTF-8.',
  })
}
