import type Docker from 'dockerode'
import { AtlasError } from '../../errors.ts'
import type { Volume } from '../detailContract.ts'
import { type Engine, label, modifiedAt, ofProject } from '../own.ts'

/** Sizes by name. The engine measures the files: seconds on a large disk. */
export async function volumeSizes(engine: Engine): Promise<Map<string, number>> {
  const usage = (await engine.call('the disk', (docker) => docker.df())) as {
    Volumes?: { Name: string; UsageData?: { Size?: number } }[] | null
  }
  return new Map(
    (usage.Volumes ?? []).flatMap(({ Name, UsageData }) =>
      UsageData?.Size !== undefined && UsageData.Size >= 0 ? [[Name, UsageData.Size]] : [],
    ),
  )
}

/** The volumes of a project with their sizes, users and last write. */
export async function listVolumes(engine: Engine, project: string): Promise<Volume[]> {
  const [found, sizes, containers] = await Promise.all([
    engine.call('the volumes', (docker) => docker.listVolumes({ filters: ofProject(project) })),
    volumeSizes(engine).catch(() => new Map<string, number>()),
    // Whoever made them: a container outside of the project holds a volume as well.
    engine.call('the containers', (docker) => docker.listContainers({ all: true })),
  ])
  return Promise.all(
    (found.Volumes ?? []).map(async (volume): Promise<Volume> => {
      const users = containers.filter(({ Mounts }) => Mounts.some(({ Name }) => Name === volume.Name))
      const user = users[0]
      const target = user?.Mounts.find(({ Name }) => Name === volume.Name)?.Destination
      const createdAt = (volume as { CreatedAt?: string }).CreatedAt
      return {
        name: volume.Name,
        key: volume.Labels?.[label.volume] ?? volume.Name,
        driver: volume.Driver,
        createdAt: createdAt ? new Date(createdAt) : null,
        sizeBytes: sizes.get(volume.Name) ?? null,
        lastWriteAt: user && target ? await lastWriteOf(engine, user.Id, target) : null,
        usedBy: users.map(({ Names, Labels }) => Labels[label.service] ?? Names[0]?.replace(/^\//, '') ?? ''),
      }
    }),
  )
}

// Where the programs of the platform write; the folder itself alone changes only when files come and go.
const tellingPaths = [
  '',
  '/pg_wal',
  '/pgdata/pg_wal',
  '/pgdata',
  '/global/pg_control',
  '/pgdata/global/pg_control',
  '/dump.rdb',
  '/appendonlydir',
  '/.minio.sys',
  '/heartbeat',
]

/** The newest time among the paths that tell of writes, asked through a container that mounts the volume. */
async function lastWriteOf(engine: Engine, container: string, target: string): Promise<Date | null> {
  const times = await Promise.all(
    tellingPaths.map(async (path) => {
      try {
        return (await modifiedAt(engine, container, `${target}${path}`))?.getTime() ?? 0
      } catch {
        return 0
      }
    }),
  )
  const newest = Math.max(0, ...times)
  return newest > 0 ? new Date(newest) : null
}

/** The project of a volume. Throws `PERMISSION_DENIED` of one that compose did not make: Atlas touches no other. */
export async function projectOfVolume(engine: Engine, name: string): Promise<string> {
  const volume = await engine.call(name, (docker) => docker.getVolume(name).inspect())
  const project = (volume as Docker.VolumeInspectInfo).Labels?.[label.project]
  if (project) return project
  throw new AtlasError('PERMISSION_DENIED', 'This volume belongs to no compose project', {
    object: name,
    saved: 'Nothing was changed.',
    next: 'Atlas touches only the volumes of compose projects.',
  })
}

/** Throws `CONFIRMATION_NEEDED` unless the name of the volume was typed. */
export function checkTyped(name: string, confirm: string, what: string): void {
  if (confirm === name) return
  throw new AtlasError('CONFIRMATION_NEEDED', `Type the name of the volume to ${what}`, {
    object: name,
    saved: 'Nothing was changed.',
    next: `Type ${name} exactly.`,
  })
}

/** Removes a volume of a compose project after its name was typed. Throws `CONFIRMATION_NEEDED`, `PERMISSION_DENIED` or `CONFLICT`. */
export async function removeVolume(engine: Engine, name: string, confirm: string): Promise<void> {
  await projectOfVolume(engine, name)
  checkTyped(name, confirm, 'remove it')
  await engine.call(name, (docker) => docker.getVolume(name).remove())
}
