import type { PartitionedTable } from './table.contract.ts'

type Step = PartitionedTable['step']

const maxBytes = 63
const pad = (value: number, length = 2) => String(value).padStart(length, '0')

/** Ways in which people write a period into a name, the longest first. A period begins at a local time `YYYY-MM-DD HH:MM:SS`. */
const styles: Record<Step, ((local: Local) => string)[]> = {
  hour: [
    (l) => `${l.year}_${pad(l.month)}_${pad(l.day)}_${pad(l.hour)}`,
    (l) => `${l.year}${pad(l.month)}${pad(l.day)}_${pad(l.hour)}`,
    (l) => `${l.year}${pad(l.month)}${pad(l.day)}${pad(l.hour)}`,
  ],
  day: dayStyles(),
  week: [(l) => `${l.isoYear}w${pad(l.week)}`, (l) => `${l.isoYear}_w${pad(l.week)}`, ...dayStyles()],
  month: [
    (l) => `${l.year}_${pad(l.month)}`,
    (l) => `${l.year}m${pad(l.month)}`,
    (l) => `${l.year}${pad(l.month)}`,
    ...dayStyles(),
  ],
  quarter: [
    (l) => `${l.year}_q${l.quarter}`,
    (l) => `${l.year}q${l.quarter}`,
    (l) => `${l.year}_${pad(l.month)}`,
  ],
  year: [(l) => `${l.year}`, ...dayStyles()],
  other: dayStyles(),
}

function dayStyles(): ((local: Local) => string)[] {
  return [(l) => `${l.year}_${pad(l.month)}_${pad(l.day)}`, (l) => `${l.year}${pad(l.month)}${pad(l.day)}`]
}

interface Local {
  year: number
  month: number
  day: number
  hour: number
  quarter: number
  isoYear: number
  week: number
}

function readLocal(text: string): Local {
  const [year = 0, month = 1, day = 1, hour = 0] = text.split(/[-: ]/).map(Number)
  // ISO 8601: a week belongs to the year of its Thursday.
  const thursday = new Date(Date.UTC(year, month - 1, day))
  thursday.setUTCDate(thursday.getUTCDate() + 4 - (thursday.getUTCDay() || 7))
  const isoYear = thursday.getUTCFullYear()
  const week = Math.ceil(((thursday.getTime() - Date.UTC(isoYear, 0, 1)) / 86_400_000 + 1) / 7)
  return { year, month, day, hour, quarter: Math.ceil(month / 3), isoYear, week }
}

/** The first 63 bytes, as PostgreSQL keeps them, never half a character. */
export function cutName(name: string, bytes = maxBytes): string {
  let text = name
  while (Buffer.byteLength(text) > bytes) text = [...text].slice(0, -1).join('')
  return text
}

/**
 * Names partitions as the last one is named: `raw_data_2026_02`, which begins at 2026-02-01, is followed by
 * `raw_data_2026_03`. Where its name does not tell the period, the table's own name stands before it. A name that is taken
 * gets a number.
 */
export function createNamer(
  table: string,
  step: Step,
  model: { name: string; local: string } | undefined,
  taken: string[],
): (local: string) => string {
  const used = new Set(taken)
  const all = [...styles[step], ...styles.hour]
  const known = model && all.find((style) => model.name.includes(style(readLocal(model.local))))
  const style = known ?? styles[step][0] ?? ((local: Local) => String(local.year))
  return (local) => {
    const period = style(readLocal(local))
    const wanted =
      known && model
        ? model.name.replace(known(readLocal(model.local)), () => period)
        : `${cutName(table, maxBytes - Buffer.byteLength(period) - 1)}_${period}`
    return unused(wanted, used)
  }
}

/** A name that none bears yet, and remembers it. */
export function unused(wanted: string, used: Set<string>): string {
  let name = cutName(wanted)
  for (let number = 2; used.has(name); number++)
    name = `${cutName(wanted, maxBytes - 1 - String(number).length)}_${number}`
  used.add(name)
  return name
}
