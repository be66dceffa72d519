import { z } from 'zod'
import type { Session } from '../adapters/postgres.ts'
import { AtlasError } from '../errors.ts'
import { query, sql, trustedStatement } from '../sql.ts'
import { explainFailure } from './failure.ts'
import type { MigrationFile } from './files.ts'
import { cutScript } from './prepare.ts'

const anyRow = z.record(z.string(), z.unknown())

/**
 * Runs the proof of a migration inside an open transaction and takes back what it did. It fails where a statement
 * fails, or where a query answers `false` in the first column of a row.
 */
export async function verifyMigration(
  tx: Pick<Session, 'run' | 'rows'>,
  file: Pick<MigrationFile, 'fileName' | 'verifyFileName'>,
  text: string,
): Promise<void> {
  const fileName = file.verifyFileName ?? file.fileName
  const statements = cutScript(text, fileName)
  let index = 0
  try {
    await tx.run(sql`savepoint atlas_verify`)
    for (const [at, statement] of statements.entries()) {
      index = at
      const rows = await tx.rows(query(anyRow, trustedStatement(statement.text)))
      if (rows.some((row) => Object.values(row)[0] === false)) {
        throw new AtlasError('CONSTRAINT_VIOLATED', 'The proof of the migration does not hold')
      }
    }
    await tx.run(sql`rollback to savepoint atlas_verify`)
  } catch (error) {
    throw explainFailure(
      error,
      { fileName, text, statements, index },
      'The migration was rolled back with its proof; the files before it stay applied.',
    )
  }
}
