import { readdirSync } from 'node:fs'
import type Docker from 'dockerode'
import type { ServiceModel } from '../compose/model.ts'
import type { LoadedStack } from '../compose/project.ts'
import { label } from '../engine/labels.ts'
import { listProject } from '../engine/snapshot.ts'
import type { KeptPassword } from '../planContract.ts'
import { pairs } from './drift.ts'

type Environment = Record<string, string | null | undefined>

/**
 * Variables by which images set a password when they fill an empty volume, and never again, each with how it is changed
 * afterwards. (docker-library: postgres, mysql, mariadb, mongo and rabbitmq, docker-entrypoint.sh.)
 */
const setOnce: Record<string, (environment: Environment) => string> = {
  POSTGRES_PASSWORD: ({ POSTGRES_USER: user }) => `alter role "${user || 'postgres'}" password '…';`,
  MYSQL_ROOT_PASSWORD: () => "alter user 'root'@'%' identified by '…';",
  MYSQL_PASSWORD: ({ MYSQL_USER: user }) => `alter user '${user ?? ''}'@'%' identified by '…';`,
  MARIADB_ROOT_PASSWORD: () => "alter user 'root'@'%' identified by '…';",
  MARIADB_PASSWORD: ({ MARIADB_USER: user }) => `alter user '${user ?? ''}'@'%' identified by '…';`,
  MONGO_INITDB_ROOT_PASSWORD: ({ MONGO_INITDB_ROOT_USERNAME: user }) =>
    `db.getSiblingDB('admin').changeUserPassword('${user ?? ''}', passwordPrompt())`,
  RABBITMQ_DEFAULT_PASS: ({ RABBITMQ_DEFAULT_USER: user }) =>
    `rabbitmqctl change_password ${user || 'guest'} …`,
}

/** Where these images keep what they have. */
const dataFolder = /^\/(var\/lib|data|bitnami)(\/|$)/

/**
 * Passwords that a stack would hand to a database that has data already and keeps the one that it was made with. It was made
 * with what its container has; without a container, with what `before` says, if that is known.
 */
export async function listKeptPasswords(
  docker: Docker,
  stack: LoadedStack,
  before: LoadedStack,
): Promise<KeptPassword[]> {
  const wanted = Object.entries(servicesOf(stack)).flatMap(([service, model]) => {
    const passwords = Object.entries(setOnce).filter(([variable]) => model.environment?.[variable])
    return passwords.length > 0 ? [{ service, model, passwords }] : []
  })
  if (wanted.length === 0) return []
  const { Volumes: volumes } = await docker.listVolumes()
  const there = new Set(volumes?.map(({ Name }) => Name))
  const containers = await listProject(docker, stack.project)
  const found: KeptPassword[] = []
  for (const { service, model, passwords } of wanted) {
    const data = dataOf(stack, model, there)
    if (data === undefined) continue
    const container = containers.find(({ Labels }) => Labels[label.service] === service)
    const known: Environment = container
      ? pairs((await docker.getContainer(container.Id).inspect()).Config.Env)
      : (servicesOf(before)[service]?.environment ?? {})
    const environment = model.environment ?? {}
    for (const [variable, remedyOf] of passwords)
      if (known[variable] !== environment[variable])
        found.push(describe(service, variable, data, remedyOf(environment)))
  }
  return found
}

const servicesOf = ({ model, disabled }: LoadedStack): Record<string, ServiceModel> => ({
  ...disabled,
  ...model?.services,
})

/** The volume or folder with the data of a service, where there is some; an empty one is filled with the new password. */
function dataOf(stack: LoadedStack, { volumes = [] }: ServiceModel, there: Set<string>): string | undefined {
  for (const { type, source, target } of volumes) {
    if (!source || !dataFolder.test(target)) continue
    if (type === 'bind' && hasEntries(source)) return source
    const name = stack.model?.volumes[source]?.name ?? `${stack.project}_${source}`
    if (type === 'volume' && there.has(name)) return name
  }
  return undefined
}

function hasEntries(folder: string): boolean {
  try {
    return readdirSync(folder).length > 0
  } catch (error) {
    // What may not be looked into is somebody's.
    return (error as NodeJS.ErrnoException).code === 'EACCES'
  }
}

const describe = (service: string, variable: string, data: string, remedy: string): KeptPassword => ({
  service,
  variable,
  data,
  message: `${service} keeps the password that ${data} was made with: ${variable} counts only for an empty one`,
  next: `Set the new one in the database as well, with “${remedy}”, or remove ${data} and everything in it. Until then whoever uses the new one is refused.`,
})
