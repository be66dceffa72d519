import { AtlasError } from '../errors.ts'
import { normalizeSql } from '../sqlParse.ts'
import { type Statement, splitStatements, UnterminatedError } from '../sqlText.ts'
import { checksumOf, type MigrationFile, readCompanion } from './files.ts'

/** A file that is ready to run: cut into statements, and found free of what a runner cannot run. */
export interface PreparedMigration {
  file: MigrationFile
  statements: Statement[]
  /** SHA-256 of the text without comments and white space outside of literals. */
  normalisedChecksum: string
}

/**
 * Cuts a migration into its statements. Throws `SYNTAX_ERROR` where a quote or a comment is not closed, `UNSUPPORTED`
 * for psql's commands, data within the file, and transactions of its own. The same for its proof, which would else be
 * found out only after the file has run.
 */
export async function prepareMigration(file: MigrationFile): Promise<PreparedMigration> {
  const statements = cutScript(file.text, file.fileName)
  const proof = readCompanion(file, 'verify')
  if (proof !== undefined) cutScript(proof, file.verifyFileName ?? file.fileName)
  return { file, statements, normalisedChecksum: checksumOf(await normalise(file.text)) }
}

/** The statements of a script that belongs to a migration; the same errors. */
export function cutScript(text: string, fileName: string): Statement[] {
  try {
    const statements = splitStatements(text)
    for (const statement of statements) refuse(statement, fileName)
    return statements
  } catch (cause) {
    if (!(cause instanceof UnterminatedError)) throw cause
    throw new AtlasError(
      'SYNTAX_ERROR',
      cause.message,
      {
        object: `${fileName}:${cause.line}`,
        saved: 'Nothing was applied.',
        next: 'Close it and try again.',
      },
      { cause },
    )
  }
}

/** Whether two texts do the same: they differ in nothing but comments and white space. */
export async function isSameScript(one: string, other: string): Promise<boolean> {
  return (await normalise(one)) === (await normalise(other))
}

/** What the scanner cannot read is its own normal form: the server shall say what is wrong with it. */
function normalise(text: string): Promise<string> {
  return normalizeSql(text).catch(() => text)
}

const refusals: [RegExp, string, string][] = [
  [
    /^\\/,
    'A command of psql is no SQL',
    'Write it as SQL, or run this file with psql and record it with `migrate repair`.',
  ],
  [
    /^copy\b[\s\S]*\bfrom\s+stdin\b/i,
    'A migration cannot hold data of COPY',
    'Write the rows as INSERT, or load them with a pipeline.',
  ],
  [
    /^(begin|start\s+transaction|commit|end|rollback(?!\s+(work\s+|transaction\s+)?to\b)|abort|prepare\s+transaction)\b/i,
    'A migration cannot begin or end transactions itself',
    'Remove it: each file runs in one transaction with its row of the ledger. For none, begin the file with `-- atlas: no-transaction`.',
  ],
]

function refuse({ text, start, line, column }: Statement, fileName: string): void {
  const refusal = refusals.find(([pattern]) => pattern.test(text))
  if (!refusal) return
  throw new AtlasError('UNSUPPORTED', refusal[1], {
    object: `${fileName}:${line}:${column}`,
    position: start + 1,
    saved: 'Nothing was applied.',
    next: refusal[2],
  })
}
