import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { ServiceOf } from '../../contract.ts'
import { writeDurably } from '../../durableFile.ts'
import { AtlasError } from '../../errors.ts'
import type { StackFile, stackFilesContract } from '../filesContract.ts'
import type { Versions } from './versions.ts'

interface Dependencies {
  versions: Versions
  /** The files of a stack, absolute. */
  locate: (project: string | undefined) => Promise<{ folder: string; files: string[]; envFiles: string[] }>
}

/** Reading and writing the compose files and variables of a stack, with what they were before. */
export function createStackFiles({ versions, locate }: Dependencies): ServiceOf<typeof stackFilesContract> {
  async function list(project: string | undefined): Promise<StackFile[]> {
    const { folder, files, envFiles } = await locate(project)
    const first = files[0]
    const override = first && join(dirname(first), basename(first).replace(/\.(ya?ml)$/, '.override.$1'))
    const wanted: [string, StackFile['kind']][] = [
      ...files.map((path): [string, StackFile['kind']] => [path, path === override ? 'override' : 'compose']),
      ...(override ? [[override, 'override'] as [string, StackFile['kind']]] : []),
      ...[...envFiles, join(folder, '.env')].map((path): [string, StackFile['kind']] => [path, 'variables']),
    ]
    const byPath = new Map(wanted.map(([path, kind]) => [path, kind]))
    return Promise.all(
      [...byPath].map(async ([path, kind]) => ({
        path,
        name: basename(path),
        kind,
        exists: await stat(path).then(
          () => true,
          () => false,
        ),
        versions: versions.count(path),
      })),
    )
  }

  /** Refuses every path that is none of the stack's own files. */
  async function own(project: string | undefined, path: string): Promise<void> {
    if ((await list(project)).some((file) => file.path === path)) return
    throw new AtlasError('PERMISSION_DENIED', 'This is no file of the stack', {
      object: path,
      saved: 'Nothing was changed.',
      next: 'Open one of the files that the stack is made of.',
    })
  }

  return {
    list: ({ project }) => list(project),
    read: async ({ project, path }) => {
      await own(project, path)
      const text = readText(path)
      return { text: text ?? '', checksum: checksumOf(text) }
    },
    save: async ({ project, path, text, checksum }) => {
      await own(project, path)
      const before = readText(path)
      if (checksumOf(before) !== checksum)
        throw new AtlasError('CONFLICT', 'The file was changed by somebody else meanwhile', {
          object: path,
          saved: 'Your text was not written; it is still in the editor.',
          next: 'Copy what you need, read the file again, and put it in.',
        })
      if (before === text) return { checksum }
      if (before !== undefined) versions.keep(path, before)
      await writeText(path, text)
      return { checksum: checksumOf(text) }
    },
    listVersions: async ({ project, path }) => {
      await own(project, path)
      return versions.list(path)
    },
    readVersion: async ({ project, path, id }) => {
      await own(project, path)
      return { text: versions.read(path, id) }
    },
  }
}

const checksumOf = (text: string | undefined) =>
  text === undefined ? 'none' : createHash('sha256').update(text).digest('hex')

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw unusable(path, 'The file cannot be read', cause)
  }
}

async function writeText(path: string, text: string): Promise<void> {
  // A new file with variables is its owner's alone.
  await writeDurably(path, text, basename(path).startsWith('.env') ? 0o600 : 0o644).catch((cause) => {
    throw unusable(path, 'The file cannot be written', cause)
  })
}

function unusable(path: string, message: string, cause: unknown): AtlasError {
  const { code, message: detail } = cause as NodeJS.ErrnoException
  return new AtlasError(
    code === 'ENOSPC' ? 'DISK_FULL' : 'FILE_UNREADABLE',
    message,
    {
      object: path,
      sqlState: code,
      detail,
      saved: 'Nothing was changed.',
      next: 'Check who owns the file and its folder, and the space on the disk.',
    },
    { cause },
  )
}
