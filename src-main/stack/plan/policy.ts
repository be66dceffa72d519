import { createHash } from 'node:crypto'
import { existsSync, realpathSync } from 'node:fs'
import { resolve, sep } from 'node:path'
import type { ComposeModel, ServiceModel } from '../compose/model.ts'
import { isRemoteContext, resolvePath } from '../compose/shortForms.ts'
import type { PolicyQuestion } from '../planContract.ts'

/**
 * What in a project gives a container power over the machine, as questions: nothing starts before each was answered. All
 * fields that can carry a mount are looked at: volumes, devices, files of secrets and configs, options of named volumes,
 * volumes of other containers; what is read from the machine into an image or a container: the folder of a build, files of
 * variables and labels; and what is shared with others: networks and volumes that were made elsewhere.
 * What the program brings reads `program`, its own folder, unasked.
 */
export function findPolicyQuestions(
  model: ComposeModel,
  { folder, program }: { folder: string; program?: string | undefined },
): PolicyQuestion[] {
  const questions: PolicyQuestion[] = []
  const ask = (service: string, field: string, message: string) =>
    questions.push({
      id: createHash('sha256').update([service, field, message].join('\n')).digest('hex').slice(0, 12),
      service,
      field,
      message,
    })
  const outside = (path: string) => outsideOf(path, program ? [folder, program] : [folder])
  for (const [name, service] of Object.entries(model.services)) {
    for (const [field, message] of flagsOf(service)) ask(name, field, message)
    for (const [index, { type, source, target, read_only }] of (service.volumes ?? []).entries()) {
      if (type !== 'bind' || !source) continue
      const reach = outside(source)
      if (reach)
        ask(
          name,
          `volumes.${index}`,
          `${source} ${reach}; it appears at ${target}${read_only ? ' read-only' : ''}`,
        )
    }
    for (const field of ['secrets', 'configs'] as const) {
      for (const { source } of service[field] ?? []) {
        const file = model[field][source]?.file
        const reach = file && outside(resolvePath(file, folder))
        if (reach) ask(name, `${field}.${source}`, `${file} ${reach}`)
      }
    }
    for (const [field, path, what] of readFrom(service)) {
      const reach = outside(resolvePath(path, folder))
      if (reach) ask(name, field, `${path} ${reach}; ${what}`)
    }
    if (service.build?.network === 'host')
      ask(name, 'build.network', 'its build shares the network with the machine')
    for (const from of service.volumes_from ?? []) {
      if (from.startsWith('container:'))
        ask(
          name,
          'volumes_from',
          `it gets every volume of ${from.slice(10)}, which is no part of the project`,
        )
    }
  }
  for (const [key, { name, driver, external }] of Object.entries(model.networks)) {
    const other = /^container:(.*)$/.exec(name)?.[1]
    if (name === 'host') ask('', `networks.${key}`, 'its services share the network with the machine')
    else if (other !== undefined)
      ask(
        '',
        `networks.${key}`,
        `its services share the network with ${other}, which is no part of the project`,
      )
    else if (external) ask('', `networks.${key}`, `${name} is shared with what is no part of the project`)
    else if (driver && !plainNetworks.has(driver))
      ask(
        '',
        `networks.${key}.driver`,
        `the network is made by ${driver}, and not apart from the machine's own`,
      )
  }
  for (const [key, { name, driver, driver_opts, external }] of Object.entries(model.volumes)) {
    if (external) {
      ask('', `volumes.${key}`, `${name} was made elsewhere: services read and write what is in it`)
      continue
    }
    if (!/^[a-zA-Z0-9][\w.-]*$/.test(name))
      ask('', `volumes.${key}.name`, `${name} is no name of a volume: it may be taken for a path`)
    const device = driver_opts?.device
    const isBind = /(^|,)r?bind(,|$)/.test(driver_opts?.o ?? '') || driver_opts?.type === 'none'
    const reach = device && isBind ? outside(device) : undefined
    if (reach) ask('', `volumes.${key}.driver_opts.device`, `${device} ${reach}: the volume is that folder`)
    else if (device && !isBind && driver_opts?.type !== 'tmpfs')
      ask(
        '',
        `volumes.${key}.driver_opts.device`,
        `the volume mounts ${device} (${driver_opts?.type ?? 'unknown type'})`,
      )
    if (driver && driver !== 'local')
      ask('', `volumes.${key}.driver`, `the volume is made by the plugin ${driver}`)
  }
  return questions
}

/** What of the machine is read for a service, though nothing of it is mounted: field, path, and where it goes. */
function readFrom({ build, env_file = [], label_file = [] }: ServiceModel): [string, string, string][] {
  return [
    ...(build && !isRemoteContext(build.context)
      ? [['build.context', build.context, 'its build may copy every file of it'] as [string, string, string]]
      : []),
    ...env_file.flatMap(({ path }, index): [string, string, string][] =>
      existsSync(path) ? [[`env_file.${index}`, path, 'the container gets its variables']] : [],
    ),
    ...label_file.map((path, index): [string, string, string] => [
      `label_file.${index}`,
      path,
      'the container gets its labels',
    ]),
  ]
}

function flagsOf(service: ServiceModel): [string, string][] {
  const flags: [string, string][] = []
  if (service.privileged) flags.push(['privileged', 'it gets every right over the machine'])
  for (const field of ['network_mode', 'pid', 'ipc', 'uts', 'userns_mode', 'cgroup'] as const) {
    if (service[field] === 'host') flags.push([field, `it shares ${words[field]} with the machine`])
    else if (/^container:/.test(service[field] ?? ''))
      flags.push([
        field,
        `it shares ${words[field]} with ${service[field]?.slice(10)}, which is no part of the project`,
      ])
  }
  const strong = (service.cap_add ?? []).filter(
    (name) => !plainCapabilities.has(name.toUpperCase().replace(/^CAP_/, '')),
  )
  if (strong.length > 0) flags.push(['cap_add', `it gets ${strong.join(', ')}`])
  for (const option of service.security_opt ?? []) {
    if (!/^no-new-privileges([=:]true)?$/.test(option))
      flags.push(['security_opt', `${option} puts something else in the place of a protection`])
  }
  for (const { source } of service.devices ?? []) flags.push(['devices', `it reaches the device ${source}`])
  for (const rule of service.device_cgroup_rules ?? [])
    flags.push(['device_cgroup_rules', `it may use devices: ${rule}`])
  const requests = [...(service.gpus ?? []), ...(service.deploy?.resources?.reservations?.devices ?? [])]
  if (requests.length > 0)
    flags.push(['gpus', 'it reaches devices of the machine, such as its graphics processors'])
  if (service.runtime)
    flags.push(['runtime', `it is run by ${service.runtime}, and not by the engine's own runtime`])
  if (service.cgroup_parent)
    flags.push(['cgroup_parent', `it stands in the control group ${service.cgroup_parent} of the machine`])
  for (const link of service.external_links ?? [])
    flags.push(['external_links', `it is linked to ${link.split(':')[0]}, which is no part of the project`])
  return flags
}

const words = {
  network_mode: 'the network',
  pid: 'its processes',
  ipc: 'its memory segments',
  uts: 'its host name',
  userns_mode: 'its users',
  cgroup: 'its control groups',
}

const plainNetworks = new Set(['bridge', 'default', 'none'])

/** What every container has (moby, oci/caps/defaults.go), and what reaches no further than itself. */
const plainCapabilities = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'IPC_LOCK',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'NET_RAW',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
  'SYS_NICE',
])

/** How a path of the machine reaches beyond the project's folders; undefined where it does not. */
function outsideOf(path: string, folders: readonly string[]): string | undefined {
  if (
    /(^|[\\/])[^\\/]*(docker|podman|containerd|crio)[^\\/]*\.sock$/i.test(path) ||
    /pipe[\\/].*docker/i.test(path)
  )
    return 'is the engine’s socket: whoever has it rules the machine'
  const real = realOf(path)
  const isInside = folders
    .map(realOf)
    .some((home) => real === home || real.startsWith(home.endsWith(sep) ? home : home + sep))
  return isInside ? undefined : 'lies outside the project’s folder'
}

/** Where a path leads; links are followed, as far as the path exists. */
function realOf(path: string): string {
  const absolute = resolve(path)
  try {
    return realpathSync(absolute)
  } catch {
    const parent = resolve(absolute, '..')
    return parent === absolute
      ? absolute
      : resolve(realOf(parent), absolute.slice(parent.length).replace(/^[\\/]/, ''))
  }
}
