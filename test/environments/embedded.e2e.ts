import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { makeHome, removeHome } from '../support/atlas.ts'
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
