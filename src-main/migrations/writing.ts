import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AtlasError } from '../errors.ts'
import { isPending } from './compare.ts'
import { findMigration, type MigrationsDependencies, placeOfSource } from './context.ts'
import type { templateNames } from './contract.ts'
import { checksumOf, nulError, readMigrations } from './files.ts'
import { nextVersion } from './names.ts'
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
      const files = await readMigrations(place.folder)
      const version = nextVersion(
        files.map((file) => file.version),
        new Date(),
      )
      const stem = `${version}_${slug(name)}`
      const fileName = `${stem}.sql`
      const path = join(place.folder, fileName)
      await write(path, fileName, withEnd(text ?? templates[template].text), 'wx')
      const down = downText ?? (text === undefined ? templates[template].down : undefined)
      if (down) await write(join(place.folder, `${stem}.down.sql`), `${stem}.down.sql`, withEnd(down), 'wx')
      return { version, fileName, path }
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
      await write(join(file.folder, file.fileName), file.fileName, text, 'w')
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

async function write(path: string, fileName: string, text: string, flag: 'wx' | 'w'): Promise<void> {
  const nul = text.indexOf('\0')
  if (nul !== -1)
    throw nulError(fileName, text, `Character ${nul} of the text, counted from 0.`, 'Nothing was written.')
  await writeFile(path, text, { flag }).catch((cause: NodeJS.ErrnoException) => {
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
