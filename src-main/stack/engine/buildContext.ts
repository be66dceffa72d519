import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import ignore from '@balena/dockerignore'
import { type Pack, pack } from 'tar-stream'

/**
 * The folder of a build as the archive that the engine takes, without what its `.dockerignore` names: a file left out of
 * the archive can reach no layer. (dockerode's own archive lets ignored files of the top folder through.) The Dockerfile
 * always goes along.
 */
export function packContext(folder: string, dockerfile: string): Pack {
  const own = join(folder, `${dockerfile}.dockerignore`)
  const file = existsSync(own) ? own : join(folder, '.dockerignore')
  const rules = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const filter = ignore().add(rules)
  // With an exception somewhere, a folder that is ignored may hold what is not.
  const canPrune = !/^\s*!/m.test(rules)
  const archive = pack()
  const isKept = (path: string) => path === dockerfile || path === '.dockerignore' || !filter.ignores(path)

  const addFolder = async (relative: string): Promise<void> => {
    for (const entry of await readdir(join(folder, relative), { withFileTypes: true })) {
      const path = relative === '' ? entry.name : `${relative}/${entry.name}`
      const kept = isKept(path)
      if (entry.isDirectory()) {
        if (kept)
          archive.entry({ name: path, type: 'directory', mode: (await lstat(join(folder, path))).mode })
        if (kept || !canPrune || dockerfile.startsWith(`${path}/`)) await addFolder(path)
      } else if (kept) await addFile(archive, folder, path)
    }
  }
  addFolder('').then(
    () => archive.finalize(),
    (error) => archive.destroy(error),
  )
  return archive
}

async function addFile(archive: Pack, folder: string, path: string): Promise<void> {
  const source = join(folder, path)
  const info = await lstat(source)
  const head = { name: path, mode: info.mode, mtime: info.mtime }
  if (info.isSymbolicLink()) archive.entry({ ...head, type: 'symlink', linkname: await readlink(source) })
  else if (info.isFile())
    await pipeline(createReadStream(source), archive.entry({ ...head, size: info.size }))
}
