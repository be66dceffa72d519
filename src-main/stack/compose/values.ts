import { ComposeProblem, type Path } from './composeFile.ts'
import { formatDuration, parseBytes, parseDuration } from './units.ts'
import { splitWords } from './words.ts'

/** Where a value stands and what its relative paths begin at. */
export interface Place {
  path: Path
  folder: string
}

export type Convert = (value: unknown, place: Place) => unknown
export type Mapping = Record<string, unknown>

/** Runs a parser; what it does not take becomes a problem of this place. */
function take<T>({ path }: Place, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof RangeError) throw new ComposeProblem(path, error.message)
    throw error
  }
}

export const isMapping = (value: unknown): value is Mapping =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

export const below = ({ path, folder }: Place, ...steps: (string | number)[]): Place => ({
  path: [...path, ...steps],
  folder,
})

export const text: Convert = (value) => String(value)
export const keep: Convert = (value) => value

export const integer: Convert = (value, place) =>
  take(place, () => {
    const number = Number(value)
    if (!Number.isInteger(number) || value === '') throw new RangeError(`${String(value)} is no integer`)
    return number
  })

export const decimal: Convert = (value, place) =>
  take(place, () => {
    const number = Number(value)
    if (!Number.isFinite(number) || value === '') throw new RangeError(`${String(value)} is no number`)
    return number
  })

export const truth: Convert = (value, place) =>
  take(place, () => {
    if (typeof value === 'boolean') return value
    const word = String(value).toLowerCase()
    if (['true', 'y', 'yes', 'on', '1'].includes(word)) return true
    if (['false', 'n', 'no', 'off', '0'].includes(word)) return false
    throw new RangeError(`${String(value)} is neither true nor false`)
  })

export const size: Convert = (value, place) => take(place, () => String(parseBytes(String(value))))
export const duration: Convert = (value, place) =>
  take(place, () => formatDuration(parseDuration(String(value))))
/** Microseconds, as a number or as a duration. */
export const micros: Convert = (value, place) =>
  take(place, () => (/^-?\d+$/.test(String(value)) ? Number(value) : parseDuration(String(value)) / 1e3))

export const words: Convert = (value, place) =>
  value === null
    ? null
    : Array.isArray(value)
      ? value.map(String)
      : take(place, () => splitWords(String(value)))

/** A list of texts; a text alone is a list of one. */
export const texts: Convert = (value) =>
  value === null ? [] : [...new Set((Array.isArray(value) ? value : [value]).map(String))]

/** `K=V` entries or a mapping, as a mapping; a name alone is null. */
export const pairs: Convert = (value) => {
  if (value === null) return {}
  const entries = Array.isArray(value)
    ? value.map((item): [string, string | null] => {
        const entry = String(item)
        const at = entry.indexOf('=')
        return at === -1 ? [entry, null] : [entry.slice(0, at), entry.slice(at + 1)]
      })
    : Object.entries(value as Mapping).map(([key, item]): [string, string | null] => [
        key,
        item === null ? null : String(item),
      ])
  return Object.fromEntries(entries)
}

/** The same where a name alone is an empty text. */
export const labels: Convert = (value, place) =>
  Object.fromEntries(
    Object.entries(pairs(value, place) as Record<string, string | null>).map(([key, item]) => [
      key,
      item ?? '',
    ]),
  )

export const mapOf =
  (convert: Convert): Convert =>
  (value, place) =>
    Object.fromEntries(
      Object.entries((value ?? {}) as Mapping).map(([key, item]) => [key, convert(item, below(place, key))]),
    )

export const listOf =
  (convert: Convert): Convert =>
  (value, place) =>
    ((value ?? []) as unknown[]).map((item, index) => convert(item, below(place, index)))

export const parsed =
  (parse: (text: string, folder: string) => unknown): Convert =>
  (value, place) =>
    take(place, () => parse(String(value), place.folder))

/** A mapping whose fields have converters; fields without one stay as they are. */
export const fields =
  (converters: Record<string, Convert>): Convert =>
  (value, place) => {
    if (!isMapping(value)) return value
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, item]) => {
        const convert = converters[key]
        if (key.startsWith('x-')) return []
        if (item === null && convert !== words) return []
        return [[key, convert ? convert(item, below(place, key)) : item]]
      }),
    )
  }
