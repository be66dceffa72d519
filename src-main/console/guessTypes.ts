const integer = /^-?(?:0|[1-9]\d{0,17})$/
const candidates: [string, RegExp][] = [
  ['bigint', integer],
  ['numeric', /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/],
  ['boolean', /^(?:t|f|true|false)$/i],
  ['date', /^\d{4}-\d\d-\d\d$/],
  ['timestamptz', /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d(?::?\d\d)?)?$/],
  ['uuid', /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i],
  ['jsonb', /^[[{].*[\]}]$/s],
]

/** For each column the first type that all of its values fit; `text` where none does, or there is no value. Leading zeros stay text. */
export function guessTypes(columns: number, rows: (string | null)[][]): string[] {
  return Array.from({ length: columns }, (_unused, at) => {
    const values = rows
      .map((row) => row[at])
      .filter((value): value is string => value !== null && value !== undefined)
    if (values.length === 0) return 'text'
    return candidates.find(([, pattern]) => values.every((value) => pattern.test(value)))?.[0] ?? 'text'
  })
}
