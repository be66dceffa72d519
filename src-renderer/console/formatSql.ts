/** SQL in the layout of the house: PostgreSQL's dialect, lower-case keywords. Loaded when somebody asks for it. */
export async function formatSql(text: string): Promise<string> {
  const { formatDialect, postgresql } = await import('sql-formatter')
  return formatDialect(text, {
    dialect: postgresql,
    keywordCase: 'lower',
    tabWidth: 2,
    linesBetweenQueries: 1,
    // `:name` is a parameter of the console.
    paramTypes: { named: [':'] },
  })
}
