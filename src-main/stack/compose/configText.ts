import { stringify } from 'yaml'
import type { ComposeModel } from './model.ts'

/** A project in full, as `docker compose config` prints it: what was read from other files stands in its place. */
export function printable(model: ComposeModel): Record<string, unknown> {
  const services = Object.fromEntries(
    Object.entries(model.services).map(([name, { env_file: _env, label_file: _labels, ...service }]) => [
      name,
      service,
    ]),
  )
  const sections = {
    services,
    networks: model.networks,
    volumes: model.volumes,
    secrets: model.secrets,
    configs: model.configs,
  }
  return {
    name: model.name,
    ...Object.fromEntries(Object.entries(sections).filter(([, section]) => Object.keys(section).length > 0)),
  }
}

/** The same as YAML that compose reads again: dollar signs are doubled, fields stand in alphabetical order. */
export function printYaml(model: ComposeModel): string {
  const { name, ...sections } = escapeDollars(printable(model)) as Record<string, unknown>
  return stringify(
    { name, ...sections },
    { sortMapEntries: (a, b) => order(a.key) - order(b.key) || compare(a.key, b.key), lineWidth: 0 },
  )
}

/** The name of the project leads. */
const order = (key: unknown) => (String(key) === 'name' ? 0 : 1)
const compare = (a: unknown, b: unknown) => (String(a) < String(b) ? -1 : 1)

function escapeDollars(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$')
  if (Array.isArray(value)) return value.map(escapeDollars)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, escapeDollars(item)]))
}
