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
  comments: string[]
  /** Owner and privileges. */
  grants: string[]
}

export interface Definitions {
  all: Definition[]
  /** What must be there before: addresses by address. */
  needs: Map<string, Set<string>>
}
