import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { AtlasError } from '../errors.ts'
import { identifier, literal, query, sql } from '../sql.ts'
import { type Database, openPostgres, type PostgresTarget } from './postgres.ts'

/** A throw-away database, to try on what must not be tried on the real one. */
export interface Scratch {
  db: Database
  /** Where it is, for people: `PostgreSQL 18.4 at 127.0.0.1:5432`. */
  place: string
  /** Drops it. */
  close(): Promise<void>
}

const prefix = 'atlas_scratch_'
const keptHours = 6

/**
 * Creates an empty database on a server and drops it at the end. What a killed Atlas has left behind there is dropped
 * first. Needs the right to create databases.
 */
export async function openScratch(
  locate: () => Promise<PostgresTarget>,
  applicationName: string,
): Promise<Scratch> {
  const target = await locate()
  const admin = openPostgres(async () => target, { applicationName, maxConnections: 1 })
  const name = `${prefix}${Math.floor(Date.now() / 1000)}_${randomBytes(3).toString('hex')}`
  try {
    await dropLeftovers(admin)
    await admin.run(sql`create database ${identifier(name)} template template0`)
    await admin.run(
      sql`comment on database ${identifier(name)} is ${literal('Throw-away copy of Atlas Desktop')}`,
    )
    const version = await admin.row(
      query(z.object({ version: z.string() }), sql`select current_setting('server_version') as version`),
    )
    const db = openPostgres(async () => ({ ...target, database: name }), { applicationName })
    return {
      db,
      place: `PostgreSQL ${version?.version.split(' ')[0]} at ${target.host}:${target.port}`,
      close: async () => {
        await db.close()
        await admin.run(sql`drop database if exists ${identifier(name)} with (force)`)
        await admin.close()
      },
    }
  } catch (error) {
    await admin.close()
    throw error
  }
}

/**
 * On the server itself, which makes the truest copy. Isolated, or where the right to create databases is missing, on
 * the embedded server of this machine.
 */
export async function openScratchFor(
  locate: () => Promise<PostgresTarget>,
  startEmbedded: () => Promise<PostgresTarget>,
  isIsolated: boolean,
): Promise<Scratch> {
  const name = 'Atlas Desktop scratch'
  if (isIsolated) return openScratch(startEmbedded, name)
  try {
    return await openScratch(locate, name)
  } catch (error) {
    if (!(error instanceof AtlasError) || error.code !== 'PERMISSION_DENIED') throw error
    return openScratch(startEmbedded, name)
  }
}

async function dropLeftovers(admin: Database) {
  const oldest = Math.floor(Date.now() / 1000) - keptHours * 3600
  const left = await admin.rows(
    query(
      z.object({ name: z.string() }),
      sql`select datname as name
          from pg_database
          where datname ~ ${`^${prefix}[0-9]{10,}_`}
            and split_part(datname, '_', 3)::bigint < ${oldest}
            and pg_has_role(datdba, 'usage')
            and not exists (select from pg_stat_activity a where a.datname = pg_database.datname)`,
    ),
  )
  for (const { name } of left) await admin.run(sql`drop database if exists ${identifier(name)}`)
}
