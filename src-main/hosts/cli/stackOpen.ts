import type { Command } from 'commander'
import { AtlasError } from '../../errors.ts'
import type { Stack } from '../../stack/contract.ts'
import { addressOf, findRunning, mintAddress, openBrowser } from '../server/running.ts'
import { print, printJson } from './output.ts'
import { type Session, withServices } from './session.ts'
import { type StackOptions, selectionOf } from './stackSelection.ts'

/** Where the stack, or one of its services, is seen in Atlas. */
function viewOf(project: string, service?: string, tab?: string): string {
  const search = new URLSearchParams({ project, ...(service && { service }), ...(tab && { tab }) })
  return `/stack?${search}`
}

/** The address of the stack in the Atlas that runs; undefined where none does, or has nothing to show. */
export async function linkOf({ config }: Session, { project, services }: Stack): Promise<string | undefined> {
  if (services.every(({ containers }) => containers.length === 0)) return undefined
  const running = await findRunning(config)
  return running && addressOf(running, viewOf(project))
}

/** `stack open` */
export function addStackOpen(add: (name: string, description: string) => Command): void {
  add('open [service]', 'see the stack, or one of its services, in the Atlas that runs')
    .option('--tab <name>', 'what of the service: ready, numbers, processes, inspect, files or shell')
    .option('--print', 'print the address alone')
    .addHelpText(
      'after',
      `
The address that is printed holds no secret: a browser that has a session goes there at once, another
asks for the address that serve printed. The one that is opened has a token for one session, which is
void once it was used, and after five minutes.`,
    )
    .action((service: string | undefined, options: OpenOptions, command: Command) =>
      withServices(command, async ({ config, services, isJson }) => {
        const stack = await services.stack.get(selectionOf(options), {})
        if (service !== undefined && stack.services.every(({ name }) => name !== service))
          throw new AtlasError('NOT_FOUND', 'The stack has no such service', {
            object: service,
            next: `It has ${stack.services.map(({ name }) => name).join(', ')}.`,
          })
        const running = await findRunning(config)
        if (!running)
          throw new AtlasError('NOT_FOUND', 'No Atlas is served from this data folder', {
            object: config.home,
            next: 'Start it with atlas-desktop serve.',
          })
        const path = viewOf(stack.project, service, options.tab)
        const isOpened = !options.print && openBrowser(await mintAddress(running, path))
        const url = addressOf(running, path)
        if (isJson) printJson({ url, isOpened })
        else print(url)
        return true
      }),
    )
}

interface OpenOptions extends StackOptions {
  tab?: string
  print?: boolean
}
