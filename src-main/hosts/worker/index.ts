import { closeSync, openSync, utimesSync } from 'node:fs'
import { readConfig } from '../../config.ts'
import { createLogger } from '../../log.ts'
import { openApp } from '../../services.ts'
import { onInterrupt } from '../interrupt.ts'

// Does pipeline tasks of the first environment (ATLAS_DATABASE_URL) until it is told to stop.
const config = readConfig()
const log = createLogger(config.logLevel)
const app = await openApp(config, 'worker', log)
const { heartbeatFile } = config.pipelines

const beat = () => {
  if (!heartbeatFile) return
  closeSync(openSync(heartbeatFile, 'a'))
  utimesSync(heartbeatFile, new Date(), new Date())
}

const worker = app.startWorker(undefined, { onTurn: beat })
log.info({ pid: process.pid, concurrency: config.pipelines.concurrency }, 'worker is ready')

onInterrupt(async (signal) => {
  log.info({ signal }, 'worker stops: tasks are given back')
  await worker.stop()
  await app.close()
})
