// Runners in a process of its own, to be killed: `runners.ts FOLDER '[{"url", "delayMs", "holdAfter"}, …]'`. Each begins
// after its delay; one with `holdAfter` stands still once the server has answered that many messages of its sessions.
import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { openPostgres } from '../../src-main/adapters/postgres.ts'
import { targetOf } from '../support/target.ts'
import { applyFolder } from './applyFolder.ts'

export interface RunnerSpec {
  url: string
  delayMs?: number
  holdAfter?: number
}

const [folder = '', list = '[]'] = process.argv.slice(2)
const running = new AsyncLocalStorage<RunnerSpec & { answered: number }>()

const send = pg.Client.prototype.query as (...parts: unknown[]) => Promise<unknown>
pg.Client.prototype.query = async function (this: pg.Client, ...parts: unknown[]) {
  const runner = running.getStore()
  // The pool only looks on.
  const { connectionParameters } = this as unknown as { connectionParameters: pg.ClientConfig }
  const isOfRunner = connectionParameters.application_name?.startsWith('Atlas runner migrations')
  try {
    return await send.apply(this, parts)
  } finally {
    if (runner && isOfRunner && ++runner.answered === runner.holdAfter) {
      process.stdout.write('held\n')
      await new Promise(() => {})
    }
  }
} as unknown as typeof pg.Client.prototype.query

process.stdout.write('started\n')
await Promise.all(
  (JSON.parse(list) as RunnerSpec[]).map((spec) => {
    const runner = { ...spec, answered: 0 }
    return running.run(runner, async () => {
      await sleep(spec.delayMs ?? 0)
      const db = openPostgres(async () => targetOf(spec.url), { applicationName: 'Atlas runner' })
      await applyFolder(db, folder)
      await db.close()
      process.stdout.write(`answered ${runner.answered}\n`)
    })
  }),
)
