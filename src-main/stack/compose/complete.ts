import { readFileSync } from 'node:fs'
import { ComposeProblem } from './composeFile.ts'
import { parseDotenv } from './dotenv.ts'
import type { ComposeModel, ServiceModel } from './model.ts'
import { isMapping, type Mapping } from './values.ts'

type Lookup = (name: string) => string | undefined

/** Fills in what a merged project leaves to defaults: names, networks, the order that other fields imply, env files. */
export function completeProject(
  merged: Mapping,
  project: string,
  lookup: Lookup,
  folder: string,
): ComposeModel {
  const services = Object.fromEntries(
    Object.entries((merged.services ?? {}) as Record<string, Mapping>).map(([name, service]) => [
      name,
      completeService(name, service, lookup, folder),
    ]),
  )
  const usesDefault = Object.values(services).some(({ networks }) => networks && 'default' in networks)
  const networks = { ...((merged.networks ?? {}) as Mapping) }
  if (usesDefault && networks.default === undefined) networks.default = {}
  return {
    name: project,
    services,
    networks: named(
      Object.fromEntries(
        Object.entries(networks).map(([key, network]) => [key, { ipam: {}, ...(network as Mapping | null) }]),
      ),
      project,
    ),
    volumes: named(merged.volumes, project),
    secrets: named(merged.secrets, project),
    configs: named(merged.configs, project),
  }
}

function named<T>(section: unknown, project: string): Record<string, T> {
  return Object.fromEntries(
    Object.entries((section ?? {}) as Mapping).map(([key, item]) => {
      const resource = isMapping(item) ? item : {}
      const { external, ...rest } = resource
      return [
        key,
        {
          name: external === true ? key : `${project}_${key}`,
          ...rest,
          ...(external === true && { external: true }),
        } as T,
      ]
    }),
  )
}

function completeService(name: string, raw: Mapping, lookup: Lookup, folder: string): ServiceModel {
  const { extends: _extends, ...service } = raw
  const { env_file, label_file } = service
  const result: Mapping = { command: null, entrypoint: null, ...service }
  const environment = { ...readEnvFiles(name, env_file, lookup), ...((service.environment ?? {}) as Mapping) }
  if (Object.keys(environment).length > 0)
    result.environment = Object.fromEntries(
      Object.entries(environment).map(([key, value]) => [key, value ?? lookup(key) ?? null]),
    )
  const fileLabels = Object.assign(
    {},
    ...((label_file ?? []) as string[]).map((path) => readVariables(name, 'label_file', path, lookup)),
  ) as Mapping
  if (Object.keys(fileLabels).length > 0)
    result.labels = { ...fileLabels, ...((service.labels ?? {}) as Mapping) }
  if (isMapping(service.build)) {
    const args = isMapping(service.build.args) && {
      args: Object.fromEntries(
        Object.entries(service.build.args).flatMap(([key, value]) => {
          const resolved = value ?? lookup(key)
          return resolved === undefined ? [] : [[key, resolved]]
        }),
      ),
    }
    const dockerfile = service.build.dockerfile_inline === undefined && { dockerfile: 'Dockerfile' }
    result.build = { context: folder, ...dockerfile, ...service.build, ...args }
  }
  if (service.network_mode === undefined && Object.keys((service.networks ?? {}) as Mapping).length === 0)
    result.networks = { default: null }
  const order = dependenciesOf(service)
  if (Object.keys(order).length > 0) result.depends_on = order
  if (service.ports) {
    result.ports = (service.ports as Mapping[]).map((port) => ({ mode: 'ingress', protocol: 'tcp', ...port }))
  }
  if (service.secrets) {
    result.secrets = (service.secrets as Mapping[]).map((reference) =>
      reference.target === undefined
        ? { ...reference, target: `/run/secrets/${String(reference.source)}` }
        : reference,
    )
  }
  if (isMapping(service.deploy)) result.deploy = { resources: {}, placement: {}, ...service.deploy }
  if (service.pull_policy === 'if_not_present') result.pull_policy = 'missing'
  return result as unknown as ServiceModel
}

/** What is written, and what links, shared namespaces and volumes_from imply. */
function dependenciesOf(service: Mapping): Mapping {
  const order: Mapping = Object.fromEntries(
    Object.entries((service.depends_on ?? {}) as Record<string, Mapping | null>).map(([name, dependency]) => [
      name,
      { condition: 'service_started', required: true, ...dependency },
    ]),
  )
  const imply = (name: string, restart: boolean) => {
    order[name] ??= { condition: 'service_started', ...(restart && { restart }), required: true }
  }
  for (const link of (service.links ?? []) as string[]) imply(link.split(':')[0] ?? link, true)
  for (const field of ['network_mode', 'ipc', 'pid', 'uts', 'cgroup']) {
    const shared = /^service:(.+)$/.exec(String(service[field] ?? ''))?.[1]
    if (shared) imply(shared, true)
  }
  for (const from of (service.volumes_from ?? []) as string[]) {
    if (!from.startsWith('container:')) imply(from.split(':')[0] ?? from, false)
  }
  return order
}

function readEnvFiles(service: string, files: unknown, lookup: Lookup): Record<string, string> {
  const values: Record<string, string> = {}
  for (const { path, required, format } of (files ?? []) as {
    path: string
    required?: boolean
    format?: string
  }[]) {
    Object.assign(
      values,
      readVariables(
        service,
        'env_file',
        path,
        (name) => lookup(name) ?? values[name],
        required !== false,
        format,
      ),
    )
  }
  return values
}

function readVariables(
  service: string,
  field: string,
  path: string,
  lookup: Lookup,
  isRequired = true,
  format?: string,
): Record<string, string> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    if (!isRequired) return {}
    throw new ComposeProblem(['services', service, field], `the file ${path} cannot be read`)
  }
  if (format === 'raw') {
    const entries = text.split('\n').map((line) => /^\s*([^#=\s]+)=(.*)$/.exec(line))
    return Object.fromEntries(entries.flatMap((entry) => (entry ? [[entry[1], entry[2]]] : [])))
  }
  try {
    return parseDotenv(text, lookup)
  } catch (error) {
    throw new ComposeProblem(['services', service, field], `${path}: ${(error as Error).message}`)
  }
}
