import type { TableShape } from './table.ts'

/**
 * What an object is made of, where a difference can be altered rather than made anew. Names and types are quoted and
 * qualified as in SQL.
 */
export type Shape =
  | { type: 'table'; table: TableShape }
  /** A schema that an extension puts its objects into. */
  | { type: 'extension'; schema: string }
  | { type: 'enum'; labels: string[] }
  | { type: 'composite'; attributes: { name: string; type: string }[] }
  | {
      type: 'domain'
      base: string
      default: string | null
      isNotNull: boolean
      constraints: { name: string; definition: string }[]
    }
  /** Arguments with their names and defaults, and the result: what `create or replace` cannot change. */
  | { type: 'routine'; signature: string }
  | { type: 'sequence'; options: string; isUnlogged: boolean }
  /** What belongs to a table, under its own name. */
  | {
      type: 'part'
      name: string
      table: string
      /** The qualified name of an index, also of a constraint's, or of extended statistics. */
      qualified: string | undefined
      /** The index of the parent that it is attached to: its last statement does that. */
      attachedTo: string | undefined
    }

/** An object of a database and the statements that make it, without semicolons. */
export interface Definition {
  /** `pg_class 16385`: where PostgreSQL keeps it. */
  address: string
  kind: string
  /** The table that it belongs to, by address. */
  holder: string | undefined
  /** Qualified and quoted; together with the kind it is the same on every database. */
  name: string
  statements: string[]
  comments: { on: string; text: string }[]
  /** Owner and privileges, each with what takes it back. */
  grants: { statement: string; inverse: string }[]
  shape: Shape | undefined
}

export interface Definitions {
  all: Definition[]
  /** What must be there before: addresses by address. */
  needs: Map<string, Set<string>>
}

/** `comment on table t is 'text'` */
export const commentStatement = ({ on, text }: Definition['comments'][number]): string => `${on} is ${text}`
