import type { Kind } from '../contract.ts'

// The first that fits the image's name without registry and tag, or else the service's name.
const rules: { kind: Kind; image: RegExp; service: RegExp }[] = [
  {
    kind: 'postgres',
    image: /(^|\/)(postgres|postgresql|postgis|pgvector|timescaledb(-ha)?)$/,
    service: /^(db|postgres|.*-db)$/,
  },
  { kind: 'redis', image: /(^|\/)(redis|redis-stack(-server)?|valkey)$/, service: /^(redis|cache|valkey)$/ },
  { kind: 'minio', image: /(^|\/)minio$/, service: /^minio$/ },
  { kind: 'marquez', image: /(^|\/)marquez$/, service: /^marquez$/ },
  { kind: 'prefect', image: /(^|\/)prefect$/, service: /^prefect(-server)?$/ },
]

/**
 * What a service is, so that it can be asked the right thing. The program of a platform service shows in its command; a
 * database under another image's name shows in its variables.
 */
export function kindOf(container: {
  image: string
  service: string
  command: string
  variables: ReadonlyMap<string, string>
}): Kind {
  const image = container.image.replace(/@sha256:.*$/, '').replace(/:[^/]*$/, '')
  if (container.variables.has('ATLAS_WORKER_HEARTBEAT_FILE')) return 'worker'
  if (container.variables.has('ATLAS_TOKEN') && /\bserve\b/.test(container.command)) return 'api'
  const byImage = rules.find((rule) => rule.image.test(image))?.kind
  if (byImage) return byImage
  if (container.variables.has('PGDATA')) return 'postgres'
  // A name alone proves nothing: it counts where the variables of the kind stand beside it.
  const byName = rules.find((rule) => rule.service.test(container.service))?.kind
  const hasVariable = (prefix: RegExp) => [...container.variables.keys()].some((name) => prefix.test(name))
  if (byName === 'postgres' && hasVariable(/^POSTGRES_/)) return 'postgres'
  if (byName === 'redis' && hasVariable(/^REDIS/)) return 'redis'
  return 'other'
}

/** `A=b` entries as a map; what has no `=` has no value. */
export function variablesOf(entries: readonly string[] | null | undefined): Map<string, string> {
  return new Map(
    (entries ?? []).map((entry) => {
      const at = entry.indexOf('=')
      return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)]
    }),
  )
}
