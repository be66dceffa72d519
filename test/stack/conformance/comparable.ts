import type { ServiceModel } from '../../../src-main/stack/compose/model.ts'

type Tree = Record<string, unknown>

/** Services for a comparison with docker-compose 1.29, which knows no `required`, prints no files that it has read, and sorts lists by a rule of its own. */
export function comparable(services: Record<string, ServiceModel>): unknown {
  return JSON.parse(JSON.stringify(services), (key, value: unknown) => {
    if (key === 'env_file' || key === 'required') return undefined
    if (key === 'networks')
      return Object.fromEntries(Object.entries(value as Tree).map(([name, one]) => [name, one ?? {}]))
    return Array.isArray(value) && typeof value[0] === 'object'
      ? value.sort((a, b) => (byContent(a) < byContent(b) ? -1 : 1))
      : value
  })
}

const byContent = (item: object) => JSON.stringify(Object.entries(item).sort())
