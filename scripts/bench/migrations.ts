import { join } from 'node:path'
import { openPostgres } from '../../src-main/adapters/postgres.ts'
import { readMigrations } from '../../src-main/migrations/files.ts'
import { applyPlatform, compare, type Measurement, root, runPsql, timed } from './harness.ts'

/** A full deployment against `psql -1 -f` of the same files. */
export const measureMigrations: Measurement = async (bench) => {
  const files = await readMigrations(join(root, 'migrations'))
  const atlas: number[] = []
  const psql: number[] = []
  for (let round = 0; round < bench.rounds; round++) {
    await bench.inFreshDatabase(async (target) => {
      const db = openPostgres(async () => target, { applicationName: 'bench' })
      atlas.push(await timed(() => applyPlatform(db)))
      await db.close()
    })
    await bench.inFreshDatabase(async (target) => {
      const psqlOptions = ['-q', '-1', '-v', 'ON_ERROR_STOP=1']
      psql.push(
        await timed(() => {
          for (const { fileName } of files)
            runPsql(target, [...psqlOptions, '-f', join(root, 'migrations', fileName)])
        }),
      )
    })
  }
  return [compare('migrate apply against psql -f', atlas, psql)]
}
