import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { writeDurably } from '../durableFile.ts'
import { AtlasError } from '../errors.ts'
import { compareFolder, isPending, type Place } from './compare.ts'
import { findMigration, type MigrationsDependencies, placeOfSource } from './context.ts'
import type { templateNames } from './contract.ts'
import { checksumOf, nulError, readMigrations } from './files.ts'
import { nextVersion, parseFileName, versionKey } from './names.ts'
import type { Source } from './state.contract.ts'
import { templates } from './templates.ts'

type Dependencies = Pick<MigrationsDependencies, 'db' | 'folder'>

type NewFile = Source & {
  name: string
  template?: (typeof templateNames)[number]
  text?: string
  downText?: string
}

/** Writing files: the next one, and one that is not applied yet. Never over a file that is there. */
export function createWriting({ db, folder }: Dependencies) {
  return {
    createFile: async ({ name, template = 'empty', text, downText, ...source }: NewFile) => {
      const place = placeOfSource(folder, source)
      const up = withEnd(text ?? templates[template].text)
      const down = downText ?? (text === undefined ? templates[template].down : undefined)
      for (;;) {
        const version = nextVersion(await takenVersions(db, place), new Date())
        const stem = `${version}_${slug(name)}`
        const fileName = `${stem}.sql`
        const path = join(place.folder, fileName)
        await create(path, fileName, up)
        if (await isTakenTwice(place.folder, version)) {
          await rm(path)
          await sleep(Math.random() * 50)
          continue
        }
        if (down) {
          const downName = `${stem}.down.sql`
          await create(join(place.folder, downName), downName, withEnd(down)).catch(async (error) => {
            await rm(path)
            throw error
          })
        }
        return { version, fileName, path }
      }
    },

    saveFile: async ({
      version,
      text,
      checksum,
      ...source
    }: Source & { version: string; text: string; checksum: string }) => {
      const { migration, file } = await findMigration(db, placeOfSource(folder, source), version)
      if (!file || !isPending(migration) || migration.state === 'partial') {
        throw new AtlasError('CONFLICT', 'Only a file that is not applied can be changed here', {
          object: version,
          saved: 'The file stays as it is.',
          next: 'Put the change into a new migration.',
        })
      }
      if (file.checksum !== checksum) {
        throw new AtlasError('CONFLICT', 'The file was changed by somebody else meanwhile', {
          object: file.fileName,
          saved: 'The file stays as it is.',
          next: 'Copy your text, read the file again, and put both together.',
        })
      }
      if (file.down && 'text' in file.down) {
        throw new AtlasError('UNSUPPORTED', 'A file that holds both directions is edited elsewhere', {
          object: file.fileName,
          saved: 'The file stays as it is.',
          next: 'Use your editor.',
        })
      }
      await write(file.fileName, text, () => writeDurably(join(file.folder, file.fileName), text))
      return { checksum: checksumOf(text.replaceAll('\r\n', '\n')) }
    },
  }
}

/** `Add index to orders!` → `add_index_to_orders` */
function slug(name: string): string {
  const words = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
  return words || 'migration'
}

const withEnd = (text: string) => (text === '' || text.endsWith('\n') ? text : `${text}\n`)

/**
 * The versions that no new file may have: of the folder, of a file that takes back one that is gone, and of the ledger,
 * as far as the database answers; a file can be begun without it.
 */
async function takenVersions(db: Dependencies['db'], place: Place): Promise<string[]> {
  const files = await readMigrations(place.folder)
  const known = await compareFolder(db, place).catch(() => [])
  return [
    ...files.map(({ version }) => version),
    ...known.map(({ migration }) => migration.version),
    ...(await namesOf(place.folder)).map(({ version }) => version),
  ]
}

const namesOf = async (folder: string) =>
  (await readdir(folder)).flatMap((fileName) => parseFileName(fileName) ?? [])

/** Whether somebody else began a file of the same version meanwhile, under another name. */
async function isTakenTwice(folder: string, version: string): Promise<boolean> {
  const key = versionKey(version)
  const same = (await namesOf(folder)).filter((other) => versionKey(other.version) === key)
  return same.filter(({ part }) => part === 'up').length > 1
}

const create = (path: string, fileName: string, text: string) =>
  write(fileName, text, () => writeFile(path, text, { flag: 'wx', flush: true }))

async function write(fileName: string, text: string, put: () => Promise<void>): Promise<void> {
  const nul = text.indexOf('\0')
  if (nul !== -1)
    throw nulError(fileName, text, `Character ${nul} of the text, counted from 0.`, 'Nothing was written.')
  await put().catch((cause: NodeJS.ErrnoException) => {
    throw new AtlasError(
      cause.code === 'ENOSPC' ? 'DISK_FULL' : 'CONFLICT',
      cause.code === 'EEXIST' ? 'A file of this name is there already' : 'The file cannot be written',
      {
        object: fileName,
        sqlState: cause.code,
        saved: 'Nothing was written.',
        next: cause.code === 'EEXIST' ? 'Choose another name.' : 'Check that the folder may be written.',
      },
      { cause },
    )
  })
}
