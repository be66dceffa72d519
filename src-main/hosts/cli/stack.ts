import type { Command } from 'commander'
import { awaitJob } from './job.ts'
import { formatTable, print, printJson } from './output.ts'
import { withServices } from './session.ts'
import { addStackChecks } from './stackChecks.ts'
import { addStackLogs } from './stackLogs.ts'
import { addStackOpen, linkOf } from './stackOpen.ts'
import { type StackOptions, selectionOf, withStackOptions } from './stackSelection.ts'

/** `stack up|down|stop|start|restart|ps|open|logs|plan|config|doctor|checkpoint|restore` */
export function addStack(program: Command): void {
  const stack = program.command('stack').description('compose stacks on the Docker engine of this machine')
  const add = (name: string, description: string) =>
    withStackOptions(stack.command(name).description(description))
  const collect = (value: string, before: string[]) => [...before, value]

  add('up [services...]', 'bring the stack to what its files say')
    .option('--build', 'build images first')
    .option('--recreate', 'replace containers that have not changed too')
    .option('--remove-orphans', 'remove containers of services that no file knows')
    .option('--wait', 'wait until every service with a health check is healthy')
    .option('--accept <id>', 'accept a question of the policy; may be given again', collect, [])
    .action((names: string[], options: StackOptions & UpOptions, command: Command) =>
      withServices(command, async (session) =>
        awaitJob(
          session,
          await session.services.stack.up(
            {
              ...selectionOf(options),
              services: names,
              accept: options.accept,
              recreate: options.recreate ? 'always' : 'changed',
              shouldBuild: options.build ?? false,
              shouldRemoveOrphans: options.removeOrphans ?? false,
              shouldWait: options.wait ?? false,
              waitTimeoutMs: 600_000,
            },
            {},
          ),
        ),
      ),
    )

  add('down', 'stop and remove the containers and networks; volumes stay')
    .option('--remove-orphans', 'also containers of services that no file knows')
    .option('--volume <name>', 'remove this volume with everything in it; may be given again', collect, [])
    .option('-t, --timeout <seconds>', 'time to stop before a container is killed', Number)
    .action((options: StackOptions & DownOptions, command: Command) =>
      withServices(command, async (session) =>
        awaitJob(
          session,
          await session.services.stack.down(
            {
              ...selectionOf(options),
              shouldRemoveOrphans: options.removeOrphans ?? false,
              volumes: options.volume,
              timeoutSeconds: options.timeout,
            },
            {},
          ),
        ),
      ),
    )

  for (const [name, description] of [
    ['stop', 'stop the containers, those that others wait for last'],
    ['start', 'start the containers that are there'],
    ['restart', 'restart the containers'],
    ['pull', 'pull the images'],
  ] as const) {
    add(`${name} [services...]`, description).action(
      (names: string[], options: StackOptions, command: Command) =>
        withServices(command, async (session) =>
          awaitJob(
            session,
            await session.services.stack[name]({ ...selectionOf(options), services: names }, {}),
          ),
        ),
    )
  }

  add('build [services...]', 'build the images')
    .option('--accept <id>', 'accept a question of the policy; may be given again', collect, [])
    .action((names: string[], options: StackOptions & { accept: string[] }, command: Command) =>
      withServices(command, async (session) =>
        awaitJob(
          session,
          await session.services.stack.build(
            { ...selectionOf(options), services: names, accept: options.accept },
            {},
          ),
        ),
      ),
    )

  add('ps', 'the services with their containers').action((options: StackOptions, command: Command) =>
    withServices(command, async (session) => {
      const stack = await session.services.stack.get(selectionOf(options), {})
      const { project, services: found, problems } = stack
      const url = await linkOf(session, stack)
      if (session.isJson) printJson({ project, services: found, url })
      else {
        const rows = found
          .filter(({ isEnabled, containers }) => isEnabled || containers.length > 0)
          .map(({ name, state, image, ports, containers }) => [
            name,
            state,
            containers[0]?.status ?? '',
            ports.map(({ hostPort, containerPort }) => `${hostPort ?? 'any'}:${containerPort}`).join(' '),
            image,
          ])
        print(formatTable(['service', 'state', 'status', 'ports', 'image'], rows))
        if (url) print(`\nin Atlas: ${url}`)
      }
      for (const { severity, file, line, message } of problems)
        if (severity === 'error') process.stderr.write(`${file}:${line}: ${message}\n`)
      return problems.every(({ severity }) => severity !== 'error')
    }),
  )

  addStackOpen(add)
  addStackChecks(add)
  addStackLogs(add)
}

interface UpOptions {
  build?: boolean
  recreate?: boolean
  removeOrphans?: boolean
  wait?: boolean
  accept: string[]
}

interface DownOptions {
  removeOrphans?: boolean
  volume: string[]
  timeout?: number
}
