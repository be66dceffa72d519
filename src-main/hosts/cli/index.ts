#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { readConfig } from '../../config.ts'
import { createLogger } from '../../log.ts'
import { createEmbedded } from '../../services.ts'
import { serve, stopServing } from '../server/serve.ts'
import { addMigrate } from './migrate.ts'
import { formatTable, print, printError, printJson } from './output.ts'
import { addPartitions } from './partitions.ts'
import { addPipeline } from './pipeline.ts'
import { addQuery } from './query.ts'
import { addSchema } from './schema.ts'
import { withServices } from './session.ts'
import { addStack } from './stack.ts'
import { addVerify } from './verify.ts'

function createProgram(): Command {
  const program = new Command('atlas-desktop')
    .description('Administers Atlas Intelligence from a terminal. ATLAS_HOME moves all state to a folder.')
    .version(readConfig().version)
    .option('-e, --environment <name>', 'the environment, by name or id; without it the first one')
    .option('--url <url>', 'a database for this call; prefer ATLAS_DATABASE_URL: others can read arguments')
    .option('--json', 'JSON for machines; standard output is JSON alone')
    .exitOverride()

  program
    .command('environments')
    .description('the platforms that this Atlas administers')
    .command('list', { isDefault: true })
    .action((_options, command: Command) =>
      withServices(command, async ({ services, isJson }) => {
        const environments = await services.environments.list(undefined, {})
        if (isJson) printJson(environments)
        else {
          const rows = environments.map(({ name, kind, postgres }) => [
            name,
            kind,
            postgres.type === 'embedded'
              ? 'embedded'
              : `${postgres.host}:${postgres.port}/${postgres.database}`,
          ])
          print(formatTable(['name', 'kind', 'PostgreSQL'], rows))
        }
        return true
      }),
    )

  addMigrate(program)
  addVerify(program)
  addPartitions(program)
  addPipeline(program)
  addQuery(program)
  addSchema(program)
  addStack(program)

  program
    .command('serve')
    .description('serve the browser edition and the HTTP API')
    .option('--port <number>', 'TCP port; 0 takes a free one', Number)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--no-open', 'do not open a browser')
    .action(async (options: { port?: number; host: string; open: boolean }) => {
      const config = readConfig()
      await serve(config, createLogger(config.logLevel), {
        host: options.host,
        port: options.port,
        canOpenBrowser: options.open,
      })
    })

  program
    .command('stop')
    .description('stop what runs of this data folder: the browser edition and the embedded server')
    .action(async () => {
      const config = readConfig()
      const wasServing = await stopServing(config)
      await createEmbedded(config).stop()
      print(wasServing ? 'Stopped.' : 'Nothing was served; the embedded server is stopped.')
    })

  return program
}

// An older Node falls over the drivers' binaries, without a word.
const oldestNode = 22
if (Number.parseInt(process.versions.node, 10) < oldestNode) {
  process.stderr.write(
    `Atlas needs Node ${oldestNode} or newer; this is ${process.versions.node} (${process.execPath}). Nothing was done.\n`,
  )
  process.exit(1)
}

try {
  await createProgram().parseAsync()
} catch (error) {
  // Commander has said what is wrong with the words of the call.
  if (error instanceof CommanderError) process.exitCode = error.exitCode
  else {
    printError(createLogger('error').describe(error))
    process.exitCode = 1
  }
}
