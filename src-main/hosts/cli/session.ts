import type { Command } from 'commander'
import { type Config, readConfig } from '../../config.ts'
import { createLogger, type Logger } from '../../log.ts'
import { type App, openApp, type Services } from '../../services.ts'
import { printError } from './output.ts'

export interface Session {
  app: App
  config: Config
  log: Logger
  services: Services
  environment: string | undefined
  isJson: boolean
}

interface GlobalOptions {
  environment?: string
  url?: string
  json?: boolean
}

/**
 * Runs a command with the services of the environment that its options name, closes them, and sets the exit status:
 * 0 only where `work` says that all went well.
 */
export async function withServices(
  command: Command,
  work: (session: Session) => Promise<boolean>,
): Promise<void> {
  const options = command.optsWithGlobals<GlobalOptions>()
  const log = createLogger(process.env.ATLAS_LOG_LEVEL || 'error')
  let app: App | undefined
  try {
    const variables = options.url ? { ...process.env, ATLAS_DATABASE_URL: options.url } : process.env
    const config = readConfig(variables)
    app = await openApp(config, 'cli', log)
    const services = app.services(options.environment)
    const isJson = options.json ?? false
    const isFine = await work({ app, config, log, services, environment: options.environment, isJson })
    process.exitCode = isFine ? 0 : 1
  } catch (error) {
    printError(log.describe(error))
    process.exitCode = 1
  } finally {
    await app?.close()
  }
}
