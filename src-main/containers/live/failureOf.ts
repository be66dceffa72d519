import type Docker from 'dockerode'
import type { Failure } from '../contract.ts'
import { type Engine, shortName } from '../own.ts'
import { explainFailure, takenPortOf } from './explain.ts'
import { textOf } from './frames.ts'

const logTailLines = 60

/** Reads what explains a failure: the end of the log, and who has the port that the container wanted. */
export async function failureOf(
  engine: Engine,
  inspect: Docker.ContainerInspectInfo,
  authentication: string | undefined,
  findProcess: (port: number) => string | undefined,
): Promise<Failure | null> {
  const port = takenPortOf(inspect)
  const [logTail, portHolder] = await Promise.all([
    readTail(engine, inspect),
    port === undefined ? undefined : holderOf(engine, port, findProcess),
  ])
  return explainFailure(inspect, logTail, { authentication, portHolder })
}

async function readTail(engine: Engine, inspect: Docker.ContainerInspectInfo): Promise<string> {
  const answer = await engine
    .call(shortName(inspect.Name), (docker) =>
      docker.getContainer(inspect.Id).logs({ stdout: true, stderr: true, tail: logTailLines, follow: false }),
    )
    .catch(() => undefined)
  return answer ? textOf(answer as unknown as Buffer, inspect.Config.Tty) : ''
}

/** Who has a port of this machine, as a person would name it: another container, else a program. */
async function holderOf(
  engine: Engine,
  port: number,
  findProcess: (port: number) => string | undefined,
): Promise<string | undefined> {
  const running = await engine.call('the containers', (docker) => docker.listContainers()).catch(() => [])
  const holder = running.find(({ Ports }) => Ports.some(({ PublicPort }) => PublicPort === port))
  return holder ? `the container ${shortName(holder.Names[0] ?? holder.Id)}` : findProcess(port)
}
