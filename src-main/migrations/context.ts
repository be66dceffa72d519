import { basename, resolve } from 'node:path'
import type { Database } from '../adapters/postgres.ts'
import type { Scratch } from '../adapters/scratch.ts'
import type { Environment } from '../environments/contract.ts'
import { AtlasError } from '../errors.ts'
import type { JobStarter } from '../jobs/contract.ts'
import { compareFolder, type Known, type Place } from './compare.ts'
import { versionKey } from './names.ts'
import type { Source } from './state.contract.ts'

/** An object and the statements that make it, comment on it, and give it its owner and privileges. */
export interface CatalogueObject {
  kind: string
  name: string
  statements: string[]
  comments: string[]
  grants: string[]
}

/** The other databases that a folder may be applied to. */
export interface Elsewhere {
  list(): Promise<Environment[]>
  visit<Result>(id: string, work: (db: Database) => Promise<Result>): Promise<Result>
  /** An error as it may be shown. */
  describeError(error: unknown): { code: string; message: string }
}

export interface MigrationsDependencies {
  db: Database
  jobs: JobStarter
  environmentId: string
  /** The platform's own migrations. */
  folder: string
  partitionHorizonMonths: number
  elsewhere?: Elsewhere
  /** Makes a throw-away database; isolated, on a server of its own. Without one there are no rehearsals. */
  openScratch?: (isIsolated: boolean) => Promise<Scratch>
  /** What makes the schema as the catalogue has it now, each object after all that it needs. */
  readCatalogue?: () => Promise<CatalogueObject[]>
  /** Runs the acceptance checks of the platform, after its migrations. */
  verifyPlatform?: () => Promise<{ passed: number; failed: number; skipped: number }>
}

/** Which folder and which project of the ledger are meant: the platform's where nothing is said. */
export function placeOfSource(platformFolder: string, source: Source | undefined): Place {
  if (source?.folder === undefined) return { folder: platformFolder, project: source?.project ?? 'platform' }
  const folder = resolve(source.folder)
  const isPlatform = folder === resolve(platformFolder)
  return { folder, project: source.project ?? (isPlatform ? 'platform' : basename(folder)) }
}

/** One migration of a folder or of the ledger. Throws `NOT_FOUND`. */
export async function findMigration(db: Database, place: Place, version: string): Promise<Known> {
  const key = versionKey(version)
  const known = (await compareFolder(db, place)).find(
    ({ migration }) => versionKey(migration.version) === key,
  )
  if (!known) throw new AtlasError('NOT_FOUND', 'There is no such migration', { object: version })
  return known
}
