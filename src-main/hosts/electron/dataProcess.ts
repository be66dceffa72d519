import { RPCHandler } from '@orpc/server/message-port'
import { readConfig } from '../../config.ts'
import { createLogger } from '../../log.ts'
import { createRouter } from '../../router.ts'
import { openApp } from '../../services.ts'

// The utility process of Electron: the same backend as the server's, spoken to over message ports.
const config = readConfig()
const log = createLogger(config.logLevel)
const app = await openApp(config, 'electron', log, ({ title }) =>
  process.parentPort.postMessage({ kind: 'alert', title }),
)
const handler = new RPCHandler(createRouter(log))

process.parentPort.on('message', async ({ data, ports }) => {
  if (data.kind === 'connect' && ports[0]) {
    const environment = data.environment as string | undefined
    handler.upgrade(ports[0], { context: { services: () => app.services(environment) } })
    ports[0].start()
  } else if (data.kind === 'stop') {
    await app.close()
    process.exit(0)
  }
})
