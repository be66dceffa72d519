import { randomUUID } from 'node:crypto'
import type { AppDb } from '../adapters/appdb.ts'
import type { Secrets } from '../adapters/secrets.ts'
import { AtlasError } from '../errors.ts'
import { type EnvironmentInput, environmentInputSchema } from './contract.ts'

export type Definition = Omit<EnvironmentInput, 'password' | 'redisPassword'>

interface SealedSecrets {
  password?: string
  redisPassword?: string
}

/** A stored environment; its secrets stay sealed until a connection needs them. */
export interface StoredEnvironment {
  id: string
  definition: Definition
  sealed: SealedSecrets
}

const definitionSchema = environmentInputSchema.omit({ password: true, redisPassword: true })

/** The environments that the user made, in the desktop's own database: the definition as JSON, the secrets sealed. */
export function createEnvironmentStore(db: AppDb, secrets: Pick<Secrets, 'seal'>) {
  const select = db.prepare<[], { id: string; definition: string; secrets: string | null }>(
    'select id, definition, secrets from environments order by position, id',
  )
  const upsert = db.prepare(
    `insert into environments (id, position, definition, secrets)
     values (?, (select coalesce(max(position), 0) + 1 from environments), ?, ?)
     on conflict (id) do update set definition = excluded.definition, secrets = excluded.secrets`,
  )
  const remove = db.prepare('delete from environments where id = ?')

  const list = (): StoredEnvironment[] =>
    select.all().map((row) => ({
      id: row.id,
      definition: definitionSchema.parse(JSON.parse(row.definition)),
      sealed: row.secrets ? (JSON.parse(row.secrets) as SealedSecrets) : {},
    }))

  /** A secret left out keeps the stored one; an empty one removes it. */
  const sealed = (given: string | undefined, kept: string | undefined) =>
    given === undefined ? kept : given === '' ? undefined : secrets.seal(given)

  return {
    list,
    /** Writes one environment in one statement: whole or not at all. */
    save: ({ password, redisPassword, ...definition }: EnvironmentInput, id: string = randomUUID()) => {
      const stored = list()
      const twin = stored.find((other) => other.id !== id && other.definition.name === definition.name)
      if (twin) {
        throw new AtlasError('CONFLICT', 'Another environment has this name', {
          object: definition.name,
          saved: 'Nothing was saved.',
          next: 'Choose another name.',
        })
      }
      const kept = stored.find((other) => other.id === id)?.sealed
      const secretsNow: SealedSecrets = {
        password: sealed(password, kept?.password),
        redisPassword: sealed(redisPassword, kept?.redisPassword),
      }
      upsert.run(id, JSON.stringify(definition), JSON.stringify(secretsNow))
      return { id, definition, sealed: secretsNow }
    },
    remove: (id: string) => remove.run(id).changes > 0,
  }
}
