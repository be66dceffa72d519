import { Readable } from 'node:stream'
import { extract, pack } from 'tar-stream'
import type { ServiceOf } from '../../contract.ts'
import { AtlasError } from '../../errors.ts'
import { type Engine, inspectOwn, runInside } from '../own.ts'
import { type containerFilesContract, type FileEntry, type FileText, uploadBytes } from './filesContract.ts'

const readBytes = 1_048_576
const pieceBytes = 192 * 1024
const kinds: Record<string, FileEntry['kind']> = {
  'regular file': 'file',
  'regular empty file': 'file',
  directory: 'folder',
  'symbolic link': 'link',
}

/** Files in containers: a listing by the container's own `find` and `stat`, contents by the engine's archives. */
export function createContainerFiles(engine: Engine): ServiceOf<typeof containerFilesContract> {
  const archive = (id: string, path: string) =>
    engine.call(path, (docker) => docker.getContainer(id).getArchive({ path })) as Promise<Readable>

  /** Undefined where there is nothing at this path. */
  const find = (id: string, path: string) =>
    archive(id, path).catch((error: unknown) => {
      if (error instanceof AtlasError && error.fault.sqlState === '404') return undefined
      throw error
    })
  const put = async (id: string, path: string, { mode, uid, gid }: Owner, bytes: Buffer) => {
    const tar = pack()
    tar.entry(
      {
        name: path.slice(path.lastIndexOf('/') + 1),
        size: bytes.length,
        mode: mode ?? 0o644,
        uid: uid ?? 0,
        gid: gid ?? 0,
        mtime: new Date(),
      },
      bytes,
    )
    tar.finalize()
    await engine.call(path, (docker) =>
      docker.getContainer(id).putArchive(Readable.from(tar), { path: folderOf(path) }),
    )
    return { sizeBytes: bytes.length }
  }

  return {
    list: async ({ id, path }) => {
      await inspectOwn(engine, id)
      const { output, exitCode } = await runInside(engine, id, listCommand(path), { timeoutMs: 15_000 })
      if (exitCode !== 0 && !output.includes('\t'))
        throw new AtlasError('NOT_FOUND', 'The folder cannot be listed', {
          object: path,
          detail: output.trim().slice(0, 300),
          next: 'It may be gone, forbidden to the container’s user, or the image has no find and stat.',
        })
      const changes = await changesIn(engine, id, path)
      const entries = entriesOf(output, path).map((entry): FileEntry => {
        const change = changes.get(entry.name)
        return { ...entry, change: change === 'added' || change === 'changed' ? change : null }
      })
      const removed = [...changes].filter(([, change]) => change === 'removed').map(([name]) => name)
      return { entries, removed, uploadBytes }
    },

    read: async ({ id, path }) => {
      await inspectOwn(engine, id)
      return readText(await archive(id, path), path)
    },

    write: async ({ id, path, text }) => {
      await inspectOwn(engine, id)
      const { header } = await readFile(await archive(id, path), path, () => false)
      return put(id, path, header, Buffer.from(text))
    },

    upload: async ({ id, path, base64, shouldOverwrite }) => {
      await inspectOwn(engine, id)
      const there = await find(id, path)
      const old = there && (await readFile(there, path, () => false))
      if (old && !shouldOverwrite)
        throw new AtlasError('CONFLICT', 'There is a file of this name', {
          object: path,
          detail: `${old.sizeBytes} bytes`,
          saved: 'Nothing was written.',
          next: 'Write over it, or give the file another name.',
        })
      const folder = folderOf(path)
      const header = old?.header ?? {
        ...(await readOwner(await archive(id, `${folder === '/' ? '' : folder}/.`))),
        mode: 0o644,
      }
      return put(id, path, header, Buffer.from(base64, 'base64'))
    },

    export: async ({ id, path }) => {
      await inspectOwn(engine, id)
      return exportFile(await archive(id, path), path)
    },
  }
}

/** Lists a folder, a line each. GNU and busybox both know these; a name may hold anything but a newline. */
export const listCommand = (path: string) => [
  ...['find', path, '-maxdepth', '1', '-mindepth', '1'],
  ...['-exec', 'stat', '-c', '%F\t%s\t%Y\t%a\t%U\t%n', '{}', '+'],
]

/** What such a listing of `path` printed; folders first. */
export function entriesOf(output: string, path: string): FileEntry[] {
  return output
    .split('\n')
    .map((line) => line.split('\t'))
    .filter((parts) => parts.length >= 6)
    .map(
      ([kind = '', size, modified, mode = '', owner = '', ...rest]): FileEntry => ({
        name: rest.join('\t').slice(path === '/' ? 1 : path.length + 1),
        kind: kinds[kind] ?? 'other',
        sizeBytes: Number(size),
        modifiedAt: new Date(Number(modified) * 1000),
        mode,
        owner,
        change: null,
      }),
    )
    .sort((a, b) => Number(b.kind === 'folder') - Number(a.kind === 'folder') || a.name.localeCompare(b.name))
}

/** The one file of an archive as text. */
export async function readText(archive: Readable, path: string): Promise<FileText> {
  const chunks: Buffer[] = []
  let size = 0
  const { sizeBytes } = await readFile(archive, path, (chunk) => {
    if (size < readBytes) chunks.push(chunk.subarray(0, readBytes - size))
    size += chunk.length
    return size < readBytes
  })
  const bytes = Buffer.concat(chunks)
  const isCut = sizeBytes > bytes.length
  return { text: textOrNull(bytes, isCut), sizeBytes, isCut }
}

/** What differs from the image directly in a folder. */
async function changesIn(engine: Engine, id: string, path: string): Promise<Map<string, string>> {
  const listed = await engine.call(path, (docker) => docker.getContainer(id).changes()).catch(() => undefined)
  const prefix = path === '/' ? '/' : `${path}/`
  const names = ['changed', 'added', 'removed']
  return new Map(
    ((listed ?? []) as { Path: string; Kind: number }[])
      .filter(({ Path }) => Path.startsWith(prefix) && !Path.slice(prefix.length).includes('/'))
      .map(({ Path, Kind }) => [Path.slice(prefix.length), names[Kind] ?? 'changed']),
  )
}

interface Owner {
  mode?: number | undefined
  uid?: number | undefined
  gid?: number | undefined
}

interface FileHeader extends Owner {
  name: string
  type?: string | null | undefined
  size?: number | undefined
}

const folderOf = (path: string) => path.slice(0, path.lastIndexOf('/')) || '/'

/** Who owns what an archive begins with. */
async function readOwner(archive: Readable): Promise<Owner> {
  const reader = extract()
  archive.pipe(reader)
  try {
    for await (const { header } of reader) return { uid: header.uid, gid: header.gid }
    return {}
  } finally {
    archive.destroy()
    reader.destroy()
  }
}

/** Reads the one file of an archive until `take` answers false. Throws `INPUT_INVALID` for what is no file. */
async function readFile(
  archive: Readable,
  path: string,
  take: (chunk: Buffer) => boolean,
): Promise<{ sizeBytes: number; header: FileHeader }> {
  const reader = extract()
  archive.pipe(reader)
  try {
    for await (const entry of reader) {
      const header = entry.header as FileHeader
      if (header.type !== 'file')
        throw new AtlasError('INPUT_INVALID', 'This is no file', {
          object: path,
          detail: header.type ?? undefined,
        })
      for await (const chunk of entry) if (!take(chunk as Buffer)) break
      return { sizeBytes: header.size ?? 0, header }
    }
    throw new AtlasError('NOT_FOUND', 'There is no such file', { object: path })
  } finally {
    archive.destroy()
    reader.destroy()
  }
}

async function* exportFile(archive: Readable, path: string): AsyncGenerator<string> {
  const reader = extract()
  archive.pipe(reader)
  try {
    for await (const entry of reader) {
      if ((entry.header as FileHeader).type !== 'file')
        throw new AtlasError('INPUT_INVALID', 'This is no file', { object: path })
      let held = Buffer.alloc(0)
      for await (const chunk of entry) {
        held = Buffer.concat([held, chunk as Buffer])
        // A piece of three bytes is four letters: pieces can be put together as they come.
        const whole = held.length - (held.length % 3)
        if (whole < pieceBytes) continue
        yield held.toString('base64', 0, whole)
        held = Buffer.from(held.subarray(whole))
      }
      if (held.length > 0) yield held.toString('base64')
      return
    }
  } finally {
    archive.destroy()
    reader.destroy()
  }
}

/** A file's first bytes as text; null where they are none. A character cut by the limit does not count against it. */
function textOrNull(bytes: Buffer, isCut: boolean): string | null {
  if (bytes.includes(0)) return null
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: isCut })
  } catch {
    return null
  }
}
