import { AtlasError } from '../errors.ts'
import { createSlices } from '../slices.ts'
import type { Statement } from '../sqlText.ts'
import { type Danger, dangersOf } from './danger.ts'

/** A statement of a script with what it destroys. */
export interface DangerousStatement {
  statement: Statement
  dangers: Danger[]
}

// Without one of these words nothing can be destroyed: a script of inserts is not parsed.
const suspicious = /\b(?:delete|update|truncate|drop|do)\b/i

/** The statements of a script that destroy. */
export async function findDangers(statements: Statement[]): Promise<DangerousStatement[]> {
  const found: DangerousStatement[] = []
  const slices = createSlices()
  for (const statement of statements) {
    if (slices.isOver()) await slices.next()
    if (!suspicious.test(statement.text)) continue
    const dangers = await dangersOf(statement.text)
    if (dangers.length > 0) found.push({ statement, dangers })
  }
  return found
}

/** What has to be typed before it is done in production: the first object that it is done to, else the environment. */
export function nameToType(found: DangerousStatement[], environmentName: string): string {
  const name = found
    .flatMap(({ dangers }) => dangers)
    .flatMap(({ objects }) => objects)[0]
    ?.name.join('.')
  return name || environmentName
}

interface Confirmation {
  isConfirmed: boolean
  typedName?: string | undefined
  isProduction: boolean
  environmentName: string
}

/** Throws `CONFIRMATION_NEEDED` with a line for each statement that destroys, until somebody has said yes to it. */
export function requireConfirmation(found: DangerousStatement[], confirmation: Confirmation): void {
  if (found.length === 0) return
  const name = nameToType(found, confirmation.environmentName)
  if (confirmation.isConfirmed && (!confirmation.isProduction || confirmation.typedName === name)) return
  const lines = found.map(({ statement, dangers }) => {
    const what = [...new Set(dangers.map((danger) => danger.what))].join(', ')
    return `Line ${statement.line} ${what}: ${statement.text.slice(0, 300).replaceAll(/\s+/g, ' ')}`
  })
  throw new AtlasError(
    'CONFIRMATION_NEEDED',
    `This removes or changes data that no statement brings back${confirmation.isProduction ? ', in production' : ''}`,
    {
      object: name,
      detail: lines.join('\n'),
      saved: 'Nothing was run.',
      next: confirmation.isProduction ? `Type ${name} to run it.` : 'Confirm it to run it.',
    },
  )
}
