import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AppDb, openAppDb } from '../../src-main/adapters/appdb.ts'
import { createJobs } from '../../src-main/jobs/service.ts'
import { createLogger } from '../../src-main/log.ts'

let home: string
let db: AppDb

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'atlas-jobs-'))
  db = openAppDb(home)
})
afterEach(() => {
  db.close()
  rmSync(home, { recursive: true, force: true })
})

test('a job that ends after a hundred which began later is the newest of the history, and the oldest leaves it', async () => {
  const jobs = createJobs(db, createLogger('silent').describe)
  const happened = Promise.withResolvers<string>()
  const waiting = jobs.start({ environmentId: 'e', title: 'waiting', isAlert: true }, () => happened.promise)
  for (let number = 1; number <= 100; number++) {
    const { jobId } = jobs.start({ environmentId: 'e', title: `${number}` }, async () => 'Done')
    await jobs.finished(jobId)
  }
  happened.resolve('It has happened')
  await jobs.finished(waiting.jobId)
  expect(await jobs.get({ id: waiting.jobId }, {})).toMatchObject({ status: 'succeeded', isAlert: true })
  const titles = (await jobs.list(undefined, {})).map(({ title }) => title)
  expect(titles).toHaveLength(100)
  expect(titles.slice(0, 2)).toEqual(['waiting', '100'])
  expect(titles.at(-1)).toBe('2')
})
