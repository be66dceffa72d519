import { join, literal, type Sql, sql } from '../../sql.ts'

/** The commands of psql that work here, as `\?` shows them. */
export const help: [command: string, what: string][] = [
  ['\\?', 'the commands that work here'],
  ['\\conninfo', 'where this tab is connected, and as whom'],
  ['\\copy TABLE|(QUERY) FROM|TO FILE', 'rows from or to a file of the machine on which Atlas runs'],
  ['\\d[S+] [NAME]', 'describes a table, view, sequence or index; without a name lists them'],
  ['\\df[anptw][S+] [NAME]', 'functions: aggregates, normal ones, procedures, triggers, windows'],
  ['\\di[S+] [NAME]', 'indexes'],
  ['\\dm[S+] [NAME]', 'materialized views'],
  ['\\dn[S+] [NAME]', 'schemas'],
  ['\\dp, \\z [NAME]', 'privileges of tables, views and sequences'],
  ['\\ds[S+] [NAME]', 'sequences'],
  ['\\dt[S+] [NAME]', 'tables'],
  ['\\du, \\dg [S+] [NAME]', 'roles'],
  ['\\dv[S+] [NAME]', 'views'],
  ['\\dx[+] [NAME]', 'extensions'],
  ['\\dE[S+] [NAME]', 'foreign tables'],
  ['\\e [FILE]', 'opens the last statement, or a file, in a tab'],
  ['\\g, \\gx', 'ends and runs a statement; \\gx shows one value a line'],
  ['\\i FILE', 'runs a file of the machine on which Atlas runs'],
  ['\\l[+] [NAME]', 'databases'],
  ['\\timing [on|off]', 'says how long each statement took'],
  ['\\x [on|off|auto]', 'one value a line'],
]

export const helpGrid = (): Sql =>
  sql`select * from (values ${join(help.map(([command, what]) => sql`(${literal(command)}, ${literal(what)})`))}) as help ("Command", "What it does")`
