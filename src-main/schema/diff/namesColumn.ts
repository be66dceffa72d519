/** Whether an expression names one of the columns, or all of a table. Names are quoted as the server does. */
export function namesColumn(text: string, columns: string[]): boolean {
  return (
    text.includes('.*') ||
    columns.some((name) =>
      name.startsWith('"') ? text.includes(name) : new RegExp(`(^|[^\\w"])${name}($|[^\\w"])`).test(text),
    )
  )
}
