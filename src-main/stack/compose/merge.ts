import { isMapping, type Mapping } from './values.ts'

/** How two values of one field become one; both are canonical. */
type Merge = (base: unknown, over: unknown) => unknown

const replace: Merge = (_base, over) => over
const deep: Merge = (base, over) => {
  if (over === null || over === undefined) return base
  if (isMapping(base) && isMapping(over)) {
    const merged: Mapping = { ...base }
    for (const [key, item] of Object.entries(over)) merged[key] = key in base ? deep(base[key], item) : item
    return merged
  }
  if (Array.isArray(base) && Array.isArray(over)) return uniqueBy(base, over, (item) => JSON.stringify(item))
  return over
}

/** Later entries take the place of earlier ones with the same key; new ones follow. */
function uniqueBy(base: unknown[], over: unknown[], keyOf: (item: Mapping) => string): unknown[] {
  const merged = new Map<string, unknown>()
  for (const item of [...base, ...over]) merged.set(keyOf(item as Mapping), item)
  return [...merged.values()]
}

const by =
  (keyOf: (item: Mapping) => string): Merge =>
  (base, over) =>
    uniqueBy((base ?? []) as unknown[], (over ?? []) as unknown[], keyOf)

const within =
  (merges: Record<string, Merge>): Merge =>
  (base, over) => {
    if (!isMapping(base) || !isMapping(over)) return deep(base, over)
    const merged: Mapping = { ...base }
    for (const [key, item] of Object.entries(over))
      merged[key] = key in base ? (merges[key] ?? deep)(base[key], item) : item
    return merged
  }

/** Options belong to their driver: those of another one are dropped. */
const logging: Merge = (base, over) => {
  const [left, right] = [base as Mapping, over as Mapping]
  const isOther = left.driver !== undefined && right.driver !== undefined && left.driver !== right.driver
  return isOther ? over : deep(base, over)
}

const service = within({
  command: replace,
  entrypoint: replace,
  healthcheck: within({ test: replace }),
  logging,
  ports: by(({ host_ip, target, published, protocol = 'tcp' }) =>
    [host_ip ?? '0.0.0.0', target, published, protocol].join(' '),
  ),
  volumes: by(({ target }) => String(target)),
  devices: by(({ target }) => String(target)),
  secrets: by(({ target, source }) => String(target ?? `/run/secrets/${String(source)}`)),
  configs: by(({ target, source }) => String(target ?? `/${String(source)}`)),
  env_file: by(({ path }) => String(path)),
  ulimits: within({}),
})

const sections: Record<string, Merge> = {
  services: (base, over) => {
    const merged: Mapping = { ...(base as Mapping) }
    for (const [name, item] of Object.entries((over ?? {}) as Mapping))
      merged[name] = merged[name] === undefined ? item : service(merged[name], item)
    return merged
  },
}

/** Lays one canonical file over another, by the rules of the specification (13-merge.md). */
export function mergeFiles(base: Mapping, over: Mapping): Mapping {
  return within(sections)(base, over) as Mapping
}

/** Lays one canonical service over another: what `extends` does. */
export function mergeServices(base: Mapping, over: Mapping): Mapping {
  return service(base, over) as Mapping
}
