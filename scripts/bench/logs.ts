import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openWindow } from './browser.ts'
import type { Measurement } from './harness.ts'
import { startWritingEngine } from './writingEngine.ts'

const linesPerS = 50_000
const seconds = Number(process.env.ATLAS_BENCH_LOG_SECONDS ?? 60)
const mebibyte = 1024 ** 2

/** Memory of a process that is its own alone, shared pages divided by their users. Linux. */
const pssOf = (pid: number) =>
  Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) * 1024

/**
 * A log at 50,000 lines a second for a minute, followed in a window: nothing may be lost, the data process may take 100 MiB
 * more, and no task of the window may be long. The reference is the writer's own time.
 */
export const measureLogs: Measurement = async (bench) => {
  const engine = await startWritingEngine(join(bench.folder, 'engine.sock'), linesPerS, seconds)
  process.env.DOCKER_HOST = engine.address
  const window = await openWindow()
  const { page, atlas } = window
  try {
    await page.getByRole('link', { name: 'Stack', exact: true }).click()
    await page.goto(`${new URL(atlas.url).origin}/stack?project=bench`)
    await page.locator('.log__note', { hasText: 'Nothing was written yet' }).waitFor()
    const before = pssOf(atlas.process.pid ?? 0)
    // What loading the view takes is not what following takes.
    await window.takeLongTasks()
    engine.begin()
    const begun = performance.now()
    let most = 0
    const timer = setInterval(() => {
      most = Math.max(most, pssOf(atlas.process.pid ?? 0))
    }, 500)
    await engine.finished
    const writerMs = performance.now() - begun
    const wanted = `${(linesPerS * seconds).toLocaleString('en')} lines`
    await page.locator('.log .toolbar__label', { hasText: wanted }).waitFor({ timeout: 120_000 })
    const atlasMs = performance.now() - begun
    clearInterval(timer)
    const tasks = await window.takeLongTasks()
    const searched = performance.now()
    await page.getByRole('textbox', { name: 'Search the whole log' }).fill('/request \\d*777 of/')
    const hits = ((linesPerS * seconds) / 1000).toLocaleString('en')
    await page.getByText(`${hits} found`, { exact: true }).waitFor({ timeout: 120_000 })
    console.log(
      `logs: ${wanted}, none lost; ${((most - before) / mebibyte).toFixed(0)} MiB more at most; ` +
        `${tasks.length} long tasks, the longest ${Math.max(0, ...tasks).toFixed(0)} ms; ` +
        `the whole searched by a regular expression in ${((performance.now() - searched) / 1000).toFixed(1)} s`,
    )
    return [
      {
        name: `log of ${linesPerS} lines a second for ${seconds} s, shown against written`,
        atlasMs: Math.round(atlasMs),
        referenceMs: Math.round(writerMs),
        ratio: Number((atlasMs / writerMs).toFixed(2)),
      },
    ]
  } finally {
    await window.close()
    await engine.close()
  }
}
