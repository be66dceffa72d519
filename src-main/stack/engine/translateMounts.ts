import type Docker from 'dockerode'
import type { ComposeModel, MountModel, ServiceModel } from '../compose/model.ts'
import { resolvePath } from '../compose/shortForms.ts'
import { parseBytes } from '../compose/units.ts'

interface Mounts {
  binds: string[]
  mounts: Docker.MountConfig
  anonymous: Record<string, object>
}

/** Plain mounts as binds, those with options that a bind cannot say as mounts; files of secrets and configs as binds. */
export function mountsOf(
  service: ServiceModel,
  {
    model,
    folder,
    inherited = {},
  }: { model: ComposeModel; folder: string; inherited?: Record<string, string> },
): Mounts {
  const result: Mounts = { binds: [], mounts: [], anonymous: {} }
  for (const mount of service.volumes ?? []) {
    const options = [
      mount.read_only ? 'ro' : 'rw',
      mount.bind?.selinux,
      mount.volume?.nocopy ? 'nocopy' : undefined,
    ].filter((option) => option !== undefined)
    const source = mount.type === 'volume' && mount.source ? model.volumes[mount.source]?.name : mount.source
    if (mount.type === 'volume' && !source) {
      if (!inherited[mount.target]) result.anonymous[mount.target] = {}
    } else if (mount.type === 'tmpfs' || needsMount(mount)) result.mounts.push(toMount(mount, source))
    else result.binds.push(`${source}:${mount.target}:${options.join(',')}`)
  }
  for (const [target, volume] of Object.entries(inherited)) result.binds.push(`${volume}:${target}:rw`)
  for (const { source, target } of fileReferences(service)) {
    const file = model.secrets[source]?.file ?? model.configs[source]?.file
    if (file) result.binds.push(`${resolvePath(file, folder)}:${target}:ro`)
  }
  return result
}

function needsMount({ bind, volume }: MountModel): boolean {
  return (
    bind?.create_host_path === false ||
    bind?.propagation !== undefined ||
    bind?.recursive !== undefined ||
    volume?.subpath !== undefined
  )
}

function toMount(mount: MountModel, source: string | undefined): Docker.MountSettings {
  return {
    Type: mount.type as Docker.MountType,
    Source: source ?? '',
    Target: mount.target,
    ReadOnly: mount.read_only,
    ...(mount.bind?.propagation && {
      BindOptions: { Propagation: mount.bind.propagation as Docker.MountPropagation },
    }),
    ...(mount.type === 'volume' && {
      VolumeOptions: { NoCopy: mount.volume?.nocopy ?? false, Subpath: mount.volume?.subpath },
    }),
    ...(mount.tmpfs && {
      TmpfsOptions: { SizeBytes: parseBytes(mount.tmpfs.size ?? '0'), Mode: mount.tmpfs.mode ?? 0o1777 },
    }),
  } as Docker.MountSettings
}

export interface FileReference {
  source: string
  /** Absolute, in the container. */
  target: string
  uid: number
  gid: number
  mode: number
}

/** Secrets and configs of a service with the places where they appear: `/run/secrets/NAME` and `/NAME`. */
export function fileReferences({ secrets = [], configs = [] }: ServiceModel): FileReference[] {
  const reference = (prefix: string) => (one: NonNullable<ServiceModel['secrets']>[number]) => ({
    source: one.source,
    target: one.target?.startsWith('/') ? one.target : `${prefix}${one.target ?? one.source}`,
    uid: Number(one.uid ?? 0),
    gid: Number(one.gid ?? 0),
    mode: Number.parseInt(one.mode ?? '0444', 8),
  })
  return [...secrets.map(reference('/run/secrets/')), ...configs.map(reference('/'))]
}
