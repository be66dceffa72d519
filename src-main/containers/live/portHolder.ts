import { type Engine, shortName } from '../own.ts'

/** Who has a port of this machine, as a person would name it; undefined where nobody can be named. */
export async function holderOf(
  engine: Engine,
  port: number,
  findProcess: (port: number) => string | undefined,
): Promise<string | undefined> {
  const running = await engine.call('the containers', (docker) => docker.listContainers()).catch(() => [])
  const holder = running.find(({ Ports }) => Ports.some(({ PublicPort }) => PublicPort === port))
  return holder ? `the container ${shortName(holder.Names[0] ?? holder.Id)}` : findProcess(port)
}
