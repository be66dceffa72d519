import { z } from 'zod'
import { identifier, query, sql } from '../sql.ts'
import type { ParsedStatement } from '../sqlParse.ts'
import { qualified, type RangeVar, stringsOf, unwrap } from './tree.ts'

/** What a statement takes away for good: a table, or a column of one. */
export interface Loss {
  object: string
  table: string[]
  column: string | null
}

/** The tables and columns that statements drop or empty. */
export function lossesOf(statements: readonly ParsedStatement[]): Loss[] {
  return statements.flatMap(({ kind, node }) => {
    if (kind === 'DropStmt' && ['OBJECT_TABLE', 'OBJECT_MATVIEW'].includes(String(node.removeType)))
      return ((node.objects as unknown[]) ?? []).map((object) => whole(stringsOf(object)))
    if (kind === 'TruncateStmt')
      return ((node.relations as unknown[]) ?? []).map((relation) => whole(partsOf(unwrap(relation)[1])))
    if (kind === 'DeleteStmt') return [whole(partsOf(node.relation))]
    if (kind !== 'AlterTableStmt') return []
    return ((node.cmds as unknown[]) ?? []).flatMap((wrapped) => {
      const command = unwrap(wrapped)[1]
      if (command.subtype !== 'AT_DropColumn') return []
      const table = partsOf(node.relation)
      const column = String(command.name)
      return [{ object: qualified([...table, column]), table, column }]
    })
  })
}

const countedRows = 100_000

/** How many rows, or values of a column, would be lost; counted up to a hundred thousand. */
export const countLoss = ({ table, column }: Loss) => {
  const where = column === null ? sql`` : sql`where ${identifier(column)} is not null`
  return query(
    z.object({ rows: z.number(), isMore: z.boolean() }),
    sql`select least(count(*), ${countedRows})::integer as rows, count(*) > ${countedRows} as "isMore"
        from (select from ${identifier(...table)} ${where} limit ${countedRows + 1}) lost`,
  )
}

function partsOf(relation: unknown): string[] {
  const { schemaname, relname } = relation as RangeVar
  return schemaname ? [schemaname, relname] : [relname]
}

const whole = (table: string[]): Loss => ({ object: qualified(table), table, column: null })
