// A runner in a process of its own, to be killed: `runOnce.ts URL FOLDER [before|after N]`. With a number it kills
// itself before or after it sends the Nth message to the server.
import pg from 'pg'
import { openPostgres } from '../../src-main/adapters/postgres.ts'
import { chooseFiles, compareFolder } from '../../src-main/migrations/compare.ts'
import { applyMigrations } from '../../src-main/migrations/runner.ts'
import { targetOf } from '../support/target.ts'

const [url = '', folder = '', when, at] = process.argv.slice(2)
const kill = () => process.kill(process.pid, 'SIGKILL')
const send = pg.Client.prototype.query as (...parts: unknown[]) => unknown
let sent = 0
pg.Client.prototype.query = function (this: pg.Client, ...parts: unknown[]) {
  sent++
  if (when === 'before' && sent === Number(at)) kill()
  const answer = send.apply(this, parts)
  // The message is on its way once the event loop turns.
  if (when === 'after' && sent === Number(at)) setImmediate(kill)
  return answer
} as typeof pg.Client.prototype.query

const db = openPostgres(async () => targetOf(url), { applicationName: 'Atlas runner' })
process.stdout.write('started\n')
await applyMigrations(
  db,
  async (session) => chooseFiles(await compareFolder(session, { folder, project: 'platform' }), undefined),
  { signal: new AbortController().signal, report: () => {} },
)
await db.close()
process.stdout.write(`sent ${sent}\n`)
