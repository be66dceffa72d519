import { randomUUID } from 'node:crypto'
import { open, rename, rm, stat } from 'node:fs/promises'

/**
 * Writes a file beside its place, waits for the disk and puts it there: a crash or a full disk leaves the old text or
 * the new one. A file that is there keeps its mode; a new one gets `mode`. Throws what the file system throws.
 */
export async function writeDurably(path: string, text: string, mode = 0o644): Promise<void> {
  const temporary = `${path}.${randomUUID().slice(0, 8)}`
  try {
    const kept = await stat(path).then(
      (found) => found.mode & 0o777,
      () => mode,
    )
    const file = await open(temporary, 'wx', kept)
    try {
      await file.chmod(kept)
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
