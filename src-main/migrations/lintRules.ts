import type { MigrationOptions } from './options.ts'
import type { Finding } from './report.contract.ts'

type Rule = Pick<Finding, 'severity' | 'title' | 'why' | 'advice'>

/**
 * Every rule with its words. Names are squawk's where it has the same rule. The severity is that on a table of unknown
 * or considerable size; on one that is nearly empty a finding about locks is a note.
 */
export const lintRules = {
  'require-concurrent-index-creation': {
    severity: 'warning',
    title: 'Writes wait while the index is built',
    why: 'CREATE INDEX holds a share lock on the table until every row is read.',
    advice: 'Build it concurrently in a file of its own that begins with `-- atlas: no-transaction`.',
  },
  'ban-concurrent-index-creation-in-transaction': {
    severity: 'error',
    title: 'It cannot run inside a transaction',
    why: 'PostgreSQL refuses CONCURRENTLY in a transaction, and a file runs in one.',
    advice: 'Begin the file with `-- atlas: no-transaction`.',
  },
  'prefer-robust-stmts': {
    severity: 'info',
    title: 'It cannot be run a second time',
    why: 'Without a transaction a file may stop between its statements. Atlas records each, psql would not.',
    advice: 'Say IF NOT EXISTS or IF EXISTS.',
  },
  'require-concurrent-index-deletion': {
    severity: 'warning',
    title: 'Reads and writes wait for the drop',
    why: 'DROP INDEX takes an access exclusive lock on the table and queues behind its longest reader.',
    advice: 'Drop it concurrently in a file that begins with `-- atlas: no-transaction`.',
  },
  'require-concurrent-reindex': {
    severity: 'warning',
    title: 'The table is locked while its index is rebuilt',
    why: 'REINDEX keeps writes out, and reads that would use the index.',
    advice: 'Rebuild it concurrently in a file that begins with `-- atlas: no-transaction`.',
  },
  'require-concurrent-partition-detach': {
    severity: 'warning',
    title: 'Reads and writes of the whole table wait',
    why: 'DETACH PARTITION takes an access exclusive lock on the parent.',
    advice: 'Detach it concurrently in a file that begins with `-- atlas: no-transaction`.',
  },
  'refresh-blocks-reads': {
    severity: 'warning',
    title: 'Reads wait while the view is computed',
    why: 'REFRESH MATERIALIZED VIEW holds an access exclusive lock for as long as its query takes.',
    advice: 'Refresh it concurrently; the view needs a unique index for that.',
  },
  'adding-required-field': {
    severity: 'error',
    title: 'A new column without a default cannot be NOT NULL',
    why: 'It fails on a table that has rows, and breaks writers that do not know the column.',
    advice: 'Give it a constant default, or add it nullable, fill it, then set NOT NULL.',
  },
  'adding-field-with-default': {
    severity: 'warning',
    title: 'Every row is written anew',
    why: 'The value differs from row to row, so the table is copied under an access exclusive lock.',
    advice: 'Add the column without it, set the default for new rows, and fill old rows in batches.',
  },
  'adding-not-nullable-field': {
    severity: 'warning',
    title: 'Reads and writes wait while every row is checked',
    why: 'SET NOT NULL reads the whole table under an access exclusive lock.',
    advice: 'Prove it with a check constraint first: with a valid one, SET NOT NULL reads nothing.',
  },
  'changing-column-type': {
    severity: 'warning',
    title: 'The table may be written anew',
    why: 'Most changes of a type copy the table under an access exclusive lock, and may break its readers.',
    advice: 'Add a column of the new type, fill it in batches, and switch. Widening varchar is free.',
  },
  'adding-foreign-key-constraint': {
    severity: 'warning',
    title: 'The foreign key is checked at once',
    why: 'Both tables keep writes out while every row is looked up.',
    advice: 'Add it NOT VALID, then validate it in a migration of its own: that lets writes through.',
  },
  'constraint-missing-not-valid': {
    severity: 'warning',
    title: 'The constraint is checked at once',
    why: 'Every row is read under an access exclusive lock.',
    advice: 'Add it NOT VALID, then validate it in a migration of its own.',
  },
  'disallowed-unique-constraint': {
    severity: 'warning',
    title: 'The index of the constraint is built under a lock',
    why: 'Reads and writes wait until it is there.',
    advice: 'Build a unique index concurrently, then make it the constraint with USING INDEX.',
  },
  'adding-serial-primary-key-field': {
    severity: 'warning',
    title: 'The index of the primary key is built under a lock',
    why: 'Reads and writes wait until it is there.',
    advice: 'Build a unique index concurrently, then make it the key with USING INDEX.',
  },
  'exclusion-constraint': {
    severity: 'warning',
    title: 'The index of the constraint is built under a lock',
    why: 'An exclusion constraint can be neither NOT VALID nor built concurrently.',
    advice: 'Choose a quiet hour, or add it to a new table and move the rows there.',
  },
  'renaming-column': {
    severity: 'warning',
    title: 'Programs that run know the old name',
    why: 'From the commit on they fail until they are deployed again.',
    advice: 'Add a column, write both, move readers over, then drop the old one.',
  },
  'renaming-table': {
    severity: 'warning',
    title: 'Programs that run know the old name',
    why: 'From the commit on they fail until they are deployed again.',
    advice: 'Leave a view of the old name behind.',
  },
  'ban-drop-column': {
    severity: 'warning',
    title: 'The values are gone, and programs may still read them',
    why: 'No later statement brings them back.',
    advice: 'Deploy programs that do not know it first, and keep a copy of the values.',
  },
  'ban-drop-table': {
    severity: 'warning',
    title: 'The rows are gone, and programs may still read them',
    why: 'No later statement brings them back.',
    advice: 'Rename it or move it to another schema first, and drop it a release later.',
  },
  'ban-drop-database': {
    severity: 'error',
    title: 'It drops a whole database',
    why: 'It cannot be undone, and cannot run inside a transaction.',
    advice: 'Do it by hand.',
  },
  'ban-drop-not-null': {
    severity: 'info',
    title: 'Readers may rely on the value being there',
    why: 'From now on they may meet NULL.',
    advice: 'Make sure that programs can bear it.',
  },
  'ban-truncate-cascade': {
    severity: 'warning',
    title: 'It empties every table that refers to this one',
    why: 'CASCADE follows foreign keys as far as they lead.',
    advice: 'Name each table that shall be emptied.',
  },
  'ban-alter-domain-with-add-constraint': {
    severity: 'warning',
    title: 'Every column of the domain is checked',
    why: 'All their tables are read and locked at once.',
    advice: 'Add it NOT VALID, or use check constraints of the tables.',
  },
  'ban-create-domain-with-constraint': {
    severity: 'info',
    title: 'A constraint of a domain is hard to change later',
    why: 'Changing it locks and reads every table that uses the domain.',
    advice: 'Use a check constraint of the table.',
  },
  'require-enum-value-ordering': {
    severity: 'info',
    title: 'The value goes to the end',
    why: 'Values of an enum sort by their place, and a place cannot be changed.',
    advice: 'Say BEFORE or AFTER which value it stands.',
  },
  'enum-value-used': {
    severity: 'error',
    title: 'The new value cannot be used in this file',
    why: 'A value that is added to an enum may only be used once its transaction is committed.',
    advice: 'Use it in the next migration.',
  },
  'prefer-bigint-over-int': {
    severity: 'info',
    title: 'The key ends at 2,147,483,647',
    why: 'A table that outlives that many rows must be rewritten to go on.',
    advice: 'Use bigint for keys.',
  },
  'prefer-identity': {
    severity: 'info',
    title: 'serial is a default on a sequence with rights of its own',
    why: 'Copies and grants of the table forget the sequence.',
    advice: 'Use `generated always as identity`.',
  },
  'prefer-text-field': {
    severity: 'info',
    title: 'A length that must grow one day locks the table',
    why: 'varchar(n) is no smaller or faster than text.',
    advice: 'Use text, with a check constraint where the length matters.',
  },
  'prefer-timestamp-tz': {
    severity: 'info',
    title: 'A timestamp without a zone names no instant',
    why: 'What it means depends on who reads it.',
    advice: 'Use timestamptz.',
  },
  'ban-char-field': {
    severity: 'info',
    title: 'char(n) pads with blanks',
    why: 'Comparing and counting its characters surprises.',
    advice: 'Use text.',
  },
  'identifier-too-long': {
    severity: 'warning',
    title: 'The name is cut at 63 bytes',
    why: 'PostgreSQL keeps no more, and two long names may become one.',
    advice: 'Choose a shorter one.',
  },
  'transaction-nesting': {
    severity: 'error',
    title: 'A migration cannot begin or end transactions itself',
    why: 'The file and its row of the ledger are one transaction already.',
    advice: 'Remove it.',
  },
  'table-rewrite': {
    severity: 'warning',
    title: 'The table is copied while nobody can read it',
    why: 'It holds an access exclusive lock for as long as the copy takes.',
    advice: 'Choose a quiet hour, or repack it online.',
  },
  'change-of-every-row': {
    severity: 'warning',
    title: 'It touches every row in one transaction',
    why: 'Row locks last until the commit, and dead rows pile up.',
    advice: 'Work in batches in a file that begins with `-- atlas: no-transaction`, or with a pipeline.',
  },
  'several-locked-tables': {
    severity: 'warning',
    title: 'Several busy tables are locked at once',
    why: 'Each stays locked until the commit, and two transactions that take them in another order meet in a deadlock.',
    advice: 'Give each table a migration of its own.',
  },
  'cluster-wide': {
    severity: 'info',
    title: 'It reaches beyond this database',
    why: 'Roles, databases and tablespaces belong to the whole server.',
    advice: 'Keep it where that is meant; a rehearsal on this server would do it for real.',
  },
  'require-lock-timeout': {
    severity: 'warning',
    title: 'It may wait for its lock for ever, and everybody behind it',
    why: 'The file sets `lock-timeout=0`.',
    advice: 'Leave the option out: Atlas waits half a second and tries again.',
  },
} satisfies Record<string, Rule>

export type RuleName = keyof typeof lintRules

/** What a rule needs to know of where a statement stands. */
export interface LintContext {
  options: MigrationOptions
  /** Made earlier in the plan: nobody can be kept out of it. */
  isNew: (table: string) => boolean
  /** Says what a rule has found, at a byte offset of the parser or at the statement, with a safe rewrite. */
  report: (rule: RuleName, location?: unknown, rewrite?: string | null) => void
}
