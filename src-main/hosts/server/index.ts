import { readConfig } from '../../config.ts'
import { createLogger } from '../../log.ts'
import { openApp } from '../../services.ts'
import { startServer } from './server.ts'

const config = readConfig()
const log = createLogger(config.logLevel)
const app = await openApp(config, 'server', log)
const server = await startServer(app, { host: '127.0.0.1', ...config.server }, log)
process.stdout.write(`Atlas is ready at ${server.url}\n`)

let isClosing = false
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, async () => {
    if (isClosing) return
    isClosing = true
    await server.close()
    await app.close()
    process.exit(0)
  })
}
