/** How often a statement is run again. */
export const paces: readonly (readonly [string, number])[] = [
  ['half second', 500],
  ['second', 1000],
  ['2 seconds', 2000],
  ['5 seconds', 5000],
  ['10 seconds', 10_000],
  ['30 seconds', 30_000],
  ['minute', 60_000],
  ['5 minutes', 300_000],
]
