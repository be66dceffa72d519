import { crc32 } from 'node:zlib'
import type { Session } from '../adapters/postgres.ts'
import { AtlasError } from '../errors.ts'
import { runnerName } from './acquire.ts'
import { compareFolder, type Place } from './compare.ts'
import type { MigrationFile } from './files.ts'
import {
  dateImported,
  type ForeignRow,
  listForeignLedgers,
  listForeignRows,
  renameForeignLedger,
} from './importSql.ts'
import { versionKey } from './names.ts'
import { prepareMigration } from './prepare.ts'
import { createLedger, upsertLedger } from './sql.ts'
import type { ForeignLedger } from './state.contract.ts'

/**
 * Takes over what the ledger of another tool says is applied, in one transaction. The texts are those of the files as
 * they are now: other tools keep none. Says what does not fit. Throws `NOT_FOUND`.
 */
export async function importLedger(
  session: Session,
  place: Place,
  tool: ForeignLedger['tool'],
): Promise<{ recorded: number; warnings: string[] }> {
  const ledger = (await session.rows(listForeignLedgers())).find((one) => one.tool === tool)
  if (!ledger) {
    throw new AtlasError('NOT_FOUND', `There is no ledger of ${tool} in this database`, {
      saved: 'Nothing was recorded.',
      next: 'Check the database and the search path of the tool.',
    })
  }
  return session.transaction(async (tx) => {
    const rows = await tx.rows(listForeignRows(ledger))
    if (ledger.tool === 'dbmate' && ledger.schema === 'public') await tx.run(renameForeignLedger(ledger))
    await tx.run(createLedger())
    const known = await compareFolder(tx, place)
    const warnings: string[] = []
    let recorded = 0
    for (const row of rows) {
      const match = known.find(({ file }) => file && isOf(row, file))
      if (!match?.file) {
        warnings.push(`${row.version || row.name} is applied, but has no file here.`)
        continue
      }
      if (match.row) continue
      const { file } = match
      if (row.checksum !== null && flywayChecksum(file.text) !== row.checksum)
        warnings.push(`${file.fileName} is not the text that ${tool} applied.`)
      const { normalisedChecksum } = await prepareMigration(file)
      await tx.run(
        upsertLedger({
          ...file,
          project: place.project,
          normalisedChecksum,
          appliedFrom: `${runnerName}, from ${tool}`,
          durationMs: Math.max(0, row.durationMs ?? 0),
          outcome: 'imported',
          isRepeatable: file.options.isRepeatable,
        }),
      )
      await tx.run(dateImported(place.project, file.version, row))
      recorded++
    }
    return { recorded, warnings }
  })
}

function isOf(row: ForeignRow, file: MigrationFile): boolean {
  if (row.name !== null && (row.name === file.fileName || `${row.name}.sql` === file.fileName)) return true
  return row.version !== '' && !row.isRepeatable && versionKey(row.version) === file.key
}

/** Flyway's: CRC-32 over the lines without their ends, as a signed number. */
export function flywayChecksum(text: string): number {
  const lines = text.replace(/^\ufeff/, '').split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines.reduce((sum, line) => crc32(line, sum), 0) | 0
}
