import type { AppDb } from '../../adapters/appdb.ts'
import type { Secrets } from '../../adapters/secrets.ts'
import { AtlasError } from '../../errors.ts'

const keptVersions = 50

export type Versions = ReturnType<typeof createVersions>

/** Earlier texts of files, encrypted: a file of variables holds secrets, and an old one is still a secret. */
export function createVersions(db: AppDb, secrets: Pick<Secrets, 'seal' | 'unseal'>) {
  const insert = db.prepare(
    'insert into file_versions (path, replaced_at, size_bytes, sealed) values (?, ?, ?, ?)',
  )
  const prune = db.prepare(
    'delete from file_versions where path = ? and id not in (select id from file_versions where path = ? order by id desc limit ?)',
  )
  const select = db.prepare<[string], { id: number; replacedAt: number; sizeBytes: number }>(
    'select id, replaced_at as replacedAt, size_bytes as sizeBytes from file_versions where path = ? order by id desc',
  )
  const selectOne = db.prepare<[string, number], { sealed: string }>(
    'select sealed from file_versions where path = ? and id = ?',
  )
  return {
    count: (path: string) => select.all(path).length,
    keep: db.transaction((path: string, text: string) => {
      insert.run(path, Date.now(), Buffer.byteLength(text), secrets.seal(text))
      prune.run(path, path, keptVersions)
    }),
    list: (path: string) =>
      select
        .all(path)
        .map(({ id, replacedAt, sizeBytes }) => ({ id, replacedAt: new Date(replacedAt), sizeBytes })),
    /** Throws `NOT_FOUND`, or `SECRETS_UNREADABLE` where the key is gone. */
    read(path: string, id: number): string {
      const found = selectOne.get(path, id)
      if (!found) throw new AtlasError('NOT_FOUND', 'This version is no longer kept', { object: path })
      return secrets.unseal(found.sealed)
    },
  }
}
