/** What the name of a file says. */
export interface MigrationName {
  fileName: string
  version: string
  name: string
  part: 'up' | 'down' | 'verify'
  isRepeatable: boolean
}

// Atlas, dbmate, node-pg-migrate: 001_name.sql, 20260115093000_name.sql. Flyway: V1.2__name.sql, U1.2__name.sql, R__name.sql.
const numbered = /^(\d{3,})[_-]([A-Za-z0-9_-]+?)(?:\.(up|down|verify))?\.sql$/
const flyway = /^([VU])(\d+(?:[._]\d+)*)__([^.]+)\.sql$/
const flywayRepeatable = /^R__([^.]+)\.sql$/

/** Reads the name of a file, or undefined where it names no migration. */
export function parseFileName(fileName: string): MigrationName | undefined {
  const plain = numbered.exec(fileName)
  if (plain) {
    const [, version = '', name = '', part = 'up'] = plain
    return { fileName, version, name, part: part as MigrationName['part'], isRepeatable: false }
  }
  const versioned = flyway.exec(fileName)
  if (versioned) {
    const [, letter, version = '', name = ''] = versioned
    const part = letter === 'U' ? 'down' : 'up'
    return { fileName, version: version.replaceAll('_', '.'), name, part, isRepeatable: false }
  }
  const repeatable = flywayRepeatable.exec(fileName)?.[1]
  if (repeatable) {
    return { fileName, version: `R__${repeatable}`, name: repeatable, part: 'up', isRepeatable: true }
  }
  return undefined
}

/** Two versions are the same, or in order, as their keys are: `7`, `007` are one, `1.2` comes before `1.10`. */
export function versionKey(version: string): string {
  if (!/^\d/.test(version)) return `~${version}`
  return version
    .split('.')
    .map((part) => part.replace(/^0+(?=\d)/, '').padStart(24, '0'))
    .join('.')
}

/** What comes after the last of the versions, in the manner of the folder: one more, or now as a time stamp. */
export function nextVersion(versions: readonly string[], now: Date): string {
  const last = versions
    .filter((version) => /^\d+$/.test(version))
    .reduce<string | undefined>(
      (last, version) => (last !== undefined && versionKey(last) >= versionKey(version) ? last : version),
      undefined,
    )
  if (last !== undefined && last.length >= 14) {
    const stamp = now.toISOString().replaceAll(/\D/g, '').slice(0, last.length).padEnd(last.length, '0')
    return versionKey(stamp) > versionKey(last) ? stamp : String(BigInt(last) + 1n)
  }
  return String(BigInt(last ?? 0) + 1n).padStart(last?.length ?? 3, '0')
}
