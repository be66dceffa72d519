import type Docker from 'dockerode'
import { AtlasError } from '../../errors.ts'
import type { JobControl } from '../../jobs/contract.ts'
import { hashNetwork, hashVolume } from '../compose/hash.ts'
import type { ComposeModel } from '../compose/model.ts'
import type { LoadedStack } from '../compose/project.ts'
import type { UpPlan } from '../plan/plan.ts'
import { composeVersion } from './containerNames.ts'
import { label } from './labels.ts'
import { stopContainer } from './stop.ts'

/** Makes the networks, then the volumes, that are missing; a network that changed is made anew, a volume never. */
export async function makeResources(
  docker: Docker,
  stack: LoadedStack,
  model: ComposeModel,
  plan: UpPlan,
  job: JobControl,
) {
  const own = { [label.project]: stack.project, [label.version]: composeVersion }
  for (const { key, name, action } of plan.networks) {
    const network = model.networks[key]
    if (!network || (action !== 'create' && action !== 'recreate')) continue
    job.report({ detail: `Making the network ${name}` })
    if (action === 'recreate') await removeNetwork(docker, stack, name)
    await docker.createNetwork({
      Name: name,
      CheckDuplicate: true,
      Driver: network.driver ?? 'bridge',
      Options: network.driver_opts,
      Internal: network.internal,
      Attachable: network.attachable,
      EnableIPv6: network.enable_ipv6,
      Labels: { ...network.labels, ...own, [label.network]: key, [label.configHash]: hashNetwork(network) },
      ...(network.ipam?.config && {
        IPAM: {
          Driver: network.ipam.driver ?? 'default',
          Options: network.ipam.options,
          Config: network.ipam.config.map(({ subnet, ip_range, gateway, aux_addresses }) => ({
            ...(subnet && { Subnet: subnet }),
            ...(ip_range && { IPRange: ip_range }),
            ...(gateway && { Gateway: gateway }),
            ...(aux_addresses && { AuxiliaryAddresses: aux_addresses }),
          })),
        },
      }),
    } as Docker.NetworkCreateOptions)
  }
  for (const { key, name, action } of plan.volumes) {
    const volume = model.volumes[key]
    if (!volume || action !== 'create') continue
    job.report({ detail: `Making the volume ${name}` })
    await docker.createVolume({
      Name: name,
      Driver: volume.driver ?? 'local',
      DriverOpts: volume.driver_opts ?? {},
      Labels: { ...volume.labels, ...own, [label.volume]: key, [label.configHash]: hashVolume(volume) },
    })
  }
}

/** A network that changed is made anew: the project's containers on it are stopped first, and replaced afterwards. */
async function removeNetwork(docker: Docker, { project }: LoadedStack, name: string) {
  const network = docker.getNetwork(name)
  const { Containers: attached = {} } = (await network.inspect()) as { Containers?: Record<string, unknown> }
  for (const id of Object.keys(attached)) {
    const container = docker.getContainer(id)
    const { Config } = await container.inspect()
    if (Config.Labels[label.project] !== project)
      throw new AtlasError(
        'CONFLICT',
        `The network ${name} changed, and a container outside the project is on it`,
        {
          object: Config.Hostname,
          saved: 'The network was left as it was.',
          next: 'Disconnect that container and bring the stack up again.',
        },
      )
    await stopContainer(container)
    await network.disconnect({ Container: id, Force: true })
  }
  await network.remove()
}
