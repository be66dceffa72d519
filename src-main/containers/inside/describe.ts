import type Docker from 'dockerode'
import type { Detail } from '../detailContract.ts'
import { timeOf } from '../live/state.ts'
import { type Engine, inspectOwn, shortName } from '../own.ts'
import { variablesOf } from '../probes/kinds.ts'
import { volumeSizes } from '../volumes/volumes.ts'
import { isSecret, masked, maskedJson } from './masking.ts'

/** A container in full, with its secrets masked. */
export async function describeContainer(engine: Engine, id: string): Promise<Detail> {
  const inspect = await inspectOwn(engine, id)
  const [image, sizes] = await Promise.all([
    engine
      .call(inspect.Config.Image, (docker) => docker.getImage(inspect.Image).inspect())
      .catch(() => undefined),
    volumeSizes(engine).catch(() => new Map<string, number>()),
  ])
  const { Config: config, HostConfig: host } = inspect
  const restart = host.RestartPolicy
  return {
    id: inspect.Id,
    name: shortName(inspect.Name),
    image: {
      name: config.Image,
      id: inspect.Image,
      digest: image?.RepoDigests?.[0]?.split('@')[1] ?? null,
      createdAt: timeOf(image?.Created),
      sizeBytes: image?.Size ?? null,
      architecture: image ? `${image.Os}/${image.Architecture}` : '',
    },
    command: [...[config.Entrypoint ?? []].flat(), ...[config.Cmd ?? []].flat()]
      .map((part, at, all) => (/^--?(requirepass|password)/.test(all[at - 1] ?? '') ? '••••••••' : part))
      .join(' '),
    user: config.User,
    restartPolicy: restart?.Name
      ? `${restart.Name}${restart.MaximumRetryCount ? `:${restart.MaximumRetryCount}` : ''}`
      : 'no',
    environment: [...variablesOf(config.Env)]
      .map(([name, value]) => ({ name, value: masked(name, value), isSecret: isSecret(name, value) }))
      .sort((a, b) => a.name.localeCompare(b.name)),
    labels: Object.entries(config.Labels ?? {})
      .map(([name, value]) => ({ name, value }))
      .sort((a, b) => a.name.localeCompare(b.name)),
    mounts: inspect.Mounts.map((mount) => ({
      type: String(mount.Type ?? ''),
      source: mount.Name ?? mount.Source,
      target: mount.Destination,
      isWritable: mount.RW,
      sizeBytes: sizes.get(mount.Name ?? '') ?? null,
    })),
    networks: Object.entries(inspect.NetworkSettings.Networks ?? {}).map(([name, network]) => ({
      name,
      address: network.IPAddress,
      aliases: network.Aliases ?? [],
    })),
    healthLog: healthLogOf(inspect),
    inspect: maskedJson(inspect),
  }
}

function healthLogOf({ State: state }: Docker.ContainerInspectInfo): Detail['healthLog'] {
  return (state.Health?.Log ?? []).map(({ Start, ExitCode, Output }) => ({
    at: new Date(Start),
    exitCode: ExitCode,
    output: Output.trim(),
  }))
}
