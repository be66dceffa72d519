import { resolve } from 'node:path'
import { ComposeProblem } from './composeFile.ts'
import { mergeServices } from './merge.ts'
import { isMapping, type Mapping } from './values.ts'

interface Extending {
  path: string
  folder: string
  /** The canonical content of another file. */
  readService: (path: string) => Mapping
}

/** Lays each service over the one that it extends, in this file or another, as deep as they go. */
export function extendServices(canonical: Mapping, { path, folder, readService }: Extending): Mapping {
  const services = (canonical.services ?? {}) as Record<string, Mapping>
  const done = new Map<string, Mapping>()

  const resolveService = (name: string, waiting: string[]): Mapping => {
    const known = done.get(name)
    if (known) return known
    const service = services[name] ?? {}
    const at = ['services', name, 'extends']
    if (waiting.includes(name))
      throw new ComposeProblem(at, `these services extend each other: ${[...waiting, name].join(' → ')}`)
    if (service.extends === undefined) return service
    const { service: base, file } = (
      isMapping(service.extends) ? service.extends : { service: service.extends }
    ) as {
      service: string
      file?: string
    }
    const otherFile = file === undefined ? undefined : resolve(folder, file)
    const isHere = otherFile === undefined || otherFile === path
    const others = isHere ? services : ((readService(otherFile).services ?? {}) as Record<string, Mapping>)
    const found = others[base]
    if (!found) throw new ComposeProblem(at, `${base} does not exist in ${isHere ? 'this file' : otherFile}`)
    const { extends: _extends, ...own } = service
    const { extends: _other, ...inherited } = isHere ? resolveService(base, [...waiting, name]) : found
    const merged = mergeServices(inherited, own)
    done.set(name, merged)
    return merged
  }

  return {
    ...canonical,
    ...(canonical.services !== undefined && {
      services: Object.fromEntries(Object.keys(services).map((name) => [name, resolveService(name, [])])),
    }),
  }
}
