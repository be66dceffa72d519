import type pg from 'pg'
import { type Browser, chromium } from 'playwright-core'
import { openPostgres, type PostgresTarget } from '../../src-main/adapters/postgres.ts'
import { createPartitions } from '../../src-main/partitions/service.ts'
import { makeHome, removeHome, startAtlas } from '../../test/support/atlas.ts'
import { type Comparison, compare, connect, type Measurement, median, timed } from './harness.ts'
import { makeDays } from './manyPartitions.ts'
import { recordStatements, reportPlanning } from './planning.ts'

const partitionCount = Number(process.env.ATLAS_BENCH_PARTITIONS ?? 10_000)
const frames = 300

/**
 * A table of many partitions: the inspector against the bare driver with the plainest statement for its bounds, the
 * timeline as it scrolls against an empty box of its width, and how long the server planned each statement of the app.
 */
export const measurePartitions: Measurement = async (bench) => {
  const comparisons: Comparison[] = []
  await bench.inFreshDatabase(async (target) => {
    const client = await connect(target)
    const madeMs = await timed(() => makeDays(client, partitionCount))
    console.log(`partitions: ${partitionCount} made in ${(madeMs / 1000).toFixed(0)} s`)
    await client.query(`create extension pg_stat_statements;
      alter database ${target.database} set pg_stat_statements.track = 'all';
      alter database ${target.database} set pg_stat_statements.track_planning = on`)
    comparisons.push(await measureInspector(target, client, bench.rounds), await measureTimeline(target))
    for (const { planMs, meanMs, calls, statement } of await longestPlanned(client))
      console.log(
        `partitions: planned in ${planMs.toFixed(1)} ms at most, ${meanMs.toFixed(1)} ms as the mean of ${calls}: ${statement}`,
      )
    await client.end()
  })
  return comparisons
}

async function measureInspector(target: PostgresTarget, client: pg.Client, rounds: number) {
  const atlas: number[] = []
  const bare: number[] = []
  const { db, statements } = recordStatements(openPostgres(async () => target, { applicationName: 'bench' }))
  const partitions = createPartitions({ db, jobs: noJobs, environmentId: 'bench', horizonMonths: 3 })
  for (let round = 0; round < rounds; round++) {
    atlas.push(await timed(() => partitions.list({ schema: 'public', name: 'days' }, {})))
    bare.push(
      await timed(() =>
        client.query(
          `select c.oid, c.relname, pg_get_expr(c.relpartbound, c.oid), c.reltuples
           from pg_inherits i join pg_class c on c.oid = i.inhrelid
           where i.inhparent = 'public.days'::regclass`,
        ),
      ),
    )
  }
  await partitions.prune({ statement: "select * from public.days where at = '2000-02-01'" }, {})
  await partitions.describe({ schema: 'public', name: 'days_2000_02_01' }, {})
  await partitions.plan(
    { action: { kind: 'ensure', table: { schema: 'public', name: 'days' }, count: 3 } },
    {},
  )
  await partitions.plan(
    { action: { kind: 'drop', partition: { schema: 'public', name: 'days_2000_02_01' } } },
    {},
  )
  await db.close()
  await reportPlanning(target, statements.values(), rounds + 2)
  return compare(`inspector of ${partitionCount} partitions against names and bounds`, atlas, bare)
}

const noJobs = {
  start: () => {
    throw new Error('Nothing is changed here')
  },
}

/** Scrolls the timeline in Chromium, a step a frame, and as often an empty box that is as wide. */
async function measureTimeline(target: PostgresTarget): Promise<Comparison> {
  const home = makeHome()
  const { user, password, host, port, database } = target
  const atlas = await startAtlas(home, {
    ATLAS_DATABASE_URL: `postgres://${user}:${password}@${host}:${port}/${database}`,
  })
  let browser: Browser | undefined
  try {
    browser = await chromium.launch({
      executablePath: process.env.ATLAS_CHROMIUM ?? '/usr/bin/chromium',
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    })
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    await page.goto(atlas.url)
    await page.locator('#view-title').waitFor()
    const opened: number[] = []
    for (let round = 0; round < 5; round++) {
      await page.goto(`${new URL(atlas.url).origin}/activity`)
      await page.locator('#view-title').waitFor()
      opened.push(await page.evaluate<number>(open))
    }
    console.log(
      `partitions: from the click to the first bars on the screen: ${median(opened).toFixed(0)} ms, of ${opened.map(Math.round).join(', ')}`,
    )
    await page.goto(`${new URL(atlas.url).origin}/partitions?table=public.days`)
    await page.locator('.tl__scroll .bar').first().waitFor()
    const drawn = await page.evaluate<number[]>(scroll)
    await page.setContent(
      `<div class="tl__scroll" style="width: 1200px; overflow: auto"><p style="width: ${partitionCount * 7}px">empty</p></div>`,
    )
    const empty = await page.evaluate<number[]>(scroll)
    const long = (times: number[]) => times.filter((ms) => ms > 50).length
    const worst = (times: number[]) =>
      `${long(times)} of ${times.length} over 50 ms, the longest ${Math.max(...times).toFixed(0)} ms`
    console.log(`partitions: frames of the timeline: ${worst(drawn)}; of an empty box: ${worst(empty)}`)
    return {
      name: `frame of a timeline of ${partitionCount} partitions against an empty box`,
      atlasMs: Math.round(median(drawn)),
      referenceMs: Math.round(median(empty)),
      ratio: Number((median(drawn) / median(empty)).toFixed(2)),
      note: worst(drawn),
    }
  } finally {
    await browser?.close()
    await atlas.stop()
    await removeHome(home)
  }
}

/** Runs in the page: the milliseconds from a click on the view in the activity bar until bars are drawn. */
const open = `(async () => {
  const link = document.querySelector('a[href^="/partitions"]')
  const begun = performance.now()
  link.click()
  while (!document.querySelector('.tl__scroll .bar')) await new Promise(requestAnimationFrame)
  await new Promise(requestAnimationFrame)
  return performance.now() - begun
})()`

/** Runs in the page: the milliseconds between frames while the timeline is scrolled from its beginning. */
const scroll = `(async () => {
  const box = document.querySelector('.tl__scroll')
  const frame = () => new Promise(requestAnimationFrame)
  box.scrollLeft = 0
  for (let settling = 0; settling < 10; settling++) await frame()
  const times = []
  let last = await frame()
  for (let at = 0; at < ${frames}; at++) {
    box.scrollLeft += 60
    const now = await frame()
    times.push(now - last)
    last = now
  }
  return times
})()`

/** The app's statements that took longest to plan of all that were sent; what it explains for the user is the user's. */
async function longestPlanned(
  client: pg.Client,
): Promise<{ planMs: number; meanMs: number; calls: number; statement: string }[]> {
  const { rows } = await client.query(
    `select max_plan_time as "planMs", mean_plan_time as "meanMs", plans as calls,
            left(regexp_replace(query, '\\s+', ' ', 'g'), 90) as statement
     from pg_stat_statements
     where dbid = (select oid from pg_database where datname = current_database()) and query not like 'explain%'
     order by max_plan_time desc
     limit 5`,
  )
  return rows
}
