import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { PostgresTarget } from '../../src-main/adapters/postgres.ts'
import { openWindow } from './browser.ts'
import { fillRows } from './console.ts'
import { bounded, type Comparison, compare, connect, type Measurement, psqlEnvironment } from './harness.ts'

const rows = 1_000_000
const firstBoundMs = 120
const anyRowBoundMs = 100
const whole = 'select * from bench_rows'

/**
 * A million rows as somebody sees them: from the key to the first row on the screen against the first byte that psql
 * writes, the tasks of the window while the rest comes, and from the key to any row. Then a plan of 10,000 steps.
 */
export const measureWindow: Measurement = async (bench) => {
  const comparisons: Comparison[] = []
  await bench.inFreshDatabase(async (target) => {
    await fillRows(target, rows)
    await makeManySteps(target)
    const window = await openWindow(target)
    const { page } = window
    try {
      await page.getByRole('link', { name: 'Console', exact: true }).click()
      await page.locator('.view-line').first().waitFor()
      /** Milliseconds from the key to the first cell. */
      const run = async (text: string, first: string) => {
        await page.locator('.monaco-editor').first().click()
        await page.keyboard.press('Control+a')
        await page.keyboard.insertText(text)
        await page.keyboard.press('Escape')
        return window.pressUntil('Control+Enter', 0, first)
      }
      await run('select 0 as id', '0')

      const [ours, theirs]: number[][] = [[], []]
      const tasks: number[] = []
      for (let round = 0; round < bench.rounds; round++) {
        ours?.push(await run(whole, '1'))
        await window.takeLongTasks()
        await page.locator('.res__status', { hasText: '1,000,000 rows' }).waitFor()
        tasks.push(...(await window.takeLongTasks()))
        theirs?.push(await firstByteOfPsql(target))
        await run('select 0 as id', '0')
      }
      const late = (ours ?? []).map((ms, round) => ms - (theirs?.[round] ?? 0))
      comparisons.push(
        {
          ...compare('first row on the screen against psql', ours ?? [], theirs ?? []),
          note: 'key to paint',
        },
        bounded('first row on the screen after psql, p95', late, firstBoundMs),
        {
          ...bounded('longest task of the window while rows come', [Math.max(0, ...tasks)], 50),
          note: `${tasks.length} tasks over 50 ms`,
        },
      )

      await run(whole, '1')
      await page.locator('.res__status', { hasText: '1,000,000 rows' }).waitFor()
      await page.getByRole('grid', { name: 'Result' }).focus()
      const reached: number[] = []
      for (let at = 0; at < 10; at++) {
        reached.push(await window.pressUntil('Control+End', rows - 1, String(rows)))
        reached.push(await window.pressUntil('Control+Home', 0, '1'))
      }
      comparisons.push(bounded('the last or the first row on the screen, p95', reached, anyRowBoundMs))
      const jumps: number[] = []
      for (let at = 0; at < 40; at++) jumps.push(await window.jumpTo(((at * 619 + 137) % 1000) / 1000))
      comparisons.push(bounded('any row on the screen, p95', jumps, anyRowBoundMs))

      await page.locator('.monaco-editor').first().click()
      await page.keyboard.press('Control+a')
      await page.keyboard.insertText('select * from bench_many')
      await page.keyboard.press('Escape')
      const begun = performance.now()
      await page.getByRole('button', { name: 'Explain', exact: true }).click()
      await page.getByRole('treegrid', { name: 'Steps of the plan' }).waitFor()
      comparisons.push(bounded('a plan of 10,000 steps is open', [performance.now() - begun], 2000))
    } finally {
      await window.close()
    }
  })
  return comparisons
}

/** A view whose plan has 10,000 steps. */
async function makeManySteps(target: PostgresTarget): Promise<void> {
  const client = await connect(target)
  const union = (count: number, part: string) => Array(count).fill(part).join(' union all ')
  await client.query(`create view bench_hundred as ${union(100, '(select * from bench_rows limit 1)')}`)
  await client.query(`create view bench_many as ${union(50, 'select * from bench_hundred')}`)
  await client.end()
}

async function firstByteOfPsql(target: PostgresTarget): Promise<number> {
  const begun = performance.now()
  const psql = spawn('psql', ['-X', '-c', `\\copy (${whole}) to stdout`], { env: psqlEnvironment(target) })
  await once(psql.stdout, 'data')
  const ms = performance.now() - begun
  psql.kill()
  await once(psql, 'exit')
  return ms
}
