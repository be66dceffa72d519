/** From here on somebody should look at a statement or a transaction, and from there on somebody must. */
export const longMs = 60_000
export const veryLongMs = 300_000

/** The colour of a time that something has lasted; none where it is usual. */
export function toneOf(lastedMs: number | null): 't-warn' | 't-fail' | undefined {
  if (lastedMs === null || lastedMs < longMs) return undefined
  return lastedMs < veryLongMs ? 't-warn' : 't-fail'
}
