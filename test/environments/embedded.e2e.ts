import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '@playwright/test'
import { makeHome, removeHome, startAtlas } from '../support/atlas.ts'
import { runSql } from '../support/cli.ts'

test('commands that meet at the first start all are answered', async () => {
  const home = makeHome()
  try {
    const query = 'select pg_postmaster_start_time()::text as started'
    const answers = await Promise.all(Array.from({ length: 4 }, () => runSql({ home }, query)))
    for (const answer of answers) expect(answer).toMatch(/\d{4}-\d\d-\d\d/)
    const folder = join(home, 'postgres')
    expect(existsSync(join(folder, 'data', 'PG_VERSION'))).toBe(true)
    expect(readdirSync(folder).filter((name) => /^(data|password)\./.test(name))).toEqual([])
  } finally {
    await removeHome(home)
  }
})

test('told twice to stop, as a terminal and npm tell it of one Ctrl+C, it closes all that it opened', async () => {
  const home = makeHome()
  try {
    const { process: atlas } = await startAtlas(home)
    await runSql({ home }, 'select 1')
    const ended = once(atlas, 'exit')
    atlas.kill('SIGINT')
    await sleep(100)
    atlas.kill('SIGINT')
    expect(await ended).toEqual([0, null])
    expect(existsSync(join(home, 'server.json'))).toBe(false)
    expect(existsSync(join(home, 'postgres', 'data', 'postmaster.pid'))).toBe(false)
  } finally {
    await removeHome(home)
  }
})
