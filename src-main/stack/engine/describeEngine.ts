import type { DockerEngine } from '../../adapters/docker.ts'
import type { EngineReport } from '../contract.ts'

/** The engine with what it says of its machine; or why there is none. */
export async function describeEngine(engine: DockerEngine): Promise<EngineReport> {
  const { engine: found, error, tried } = await engine.find()
  if (!found) {
    return {
      status: error ? 'failing' : 'absent',
      message: error?.message ?? 'There is no Docker engine on this machine',
      fault: error?.fault ?? {
        next: 'Install Docker Desktop, Docker Engine, OrbStack, Colima or Podman and start it; everything else works without it.',
      },
      tried,
    }
  }
  const info = (await engine.call(found.address, (docker) => docker.info())) as {
    OperatingSystem: string
    NCPU: number
    MemTotal: number
  }
  return {
    status: 'ready',
    address: found.address,
    source: found.source,
    product: found.product,
    version: found.version,
    apiVersion: found.apiVersion,
    operatingSystem: info.OperatingSystem,
    processors: info.NCPU,
    memoryBytes: info.MemTotal,
    tried,
  }
}
