import { setTimeout as sleep } from 'node:timers/promises'
import { createAudit } from '../../src-main/audit/service.ts'
import { bounded, type Comparison, connect, type Measurement, median } from './harness.ts'

const writers = 4
const perSecond = 1000
const seconds = Number(process.env.ATLAS_BENCH_TAIL_SECONDS ?? 60)
const total = perSecond * seconds
/** A writer commits so many events at once. */
const together = 5
/** An event later than this is no live tail. */
const boundMs = 1000

/**
 * A live tail of the audit log while four writers append 1,000 events a second. Each event carries its number and when it was sent:
 * throws unless every one came, once, in the order of the log and with no number of the log between them left out.
 */
export const measureAuditTail: Measurement = async (bench) => {
  const latencies: number[] = []
  const sequences: number[] = []
  const seen = new Set<number>()
  let writingMs = 0
  await bench.inPlatform(async (target, db) => {
    const clients = await Promise.all(Array.from({ length: writers }, () => connect(target)))
    const abort = new AbortController()
    const noJobs = { start: () => ({ jobId: '' }) }
    const audit = createAudit({ db, jobs: noJobs, environmentId: 'bench' })
    const feed = await audit.watch({ table: 'bench' }, { signal: abort.signal })
    let isFollowing: () => void = () => {}
    const following = new Promise<void>((resolve) => {
      isFollowing = resolve
    })
    const reading = (async () => {
      for await (const { entries } of feed) {
        isFollowing()
        const now = Date.now()
        for (const { sequence, new: data } of entries) {
          latencies.push(now - Number(data?.sentAt))
          sequences.push(sequence)
          seen.add(Number(data?.n))
        }
        if (sequences.length >= total) return
      }
    })()
    // A log without entries tells no place to begin.
    await clients[0]?.query("select compliance.audit_event('before', 'tail', '{}')")
    await following
    const begun = performance.now()
    await Promise.all(
      clients.map(async (client, writer) => {
        for (let made = 0; made < total / writers; made += together) {
          const dueMs = (made * writers * 1000) / perSecond
          await sleep(Math.max(0, begun + dueMs - performance.now()))
          await client.query({
            name: 'append',
            text: `select compliance.audit_event('bench', 'tail', jsonb_build_object('n', $1::int + g, 'sentAt', $2::bigint))
                   from generate_series(0, ${together - 1}) g`,
            values: [writer * (total / writers) + made, Date.now()],
          })
        }
      }),
    )
    writingMs = performance.now() - begun
    await Promise.race([reading, sleep(10_000, undefined, { ref: false })])
    abort.abort()
    await Promise.all(clients.map((client) => client.end()))
  })
  const gap = sequences.findIndex((sequence, at) => at > 0 && sequence !== (sequences[at - 1] ?? 0) + 1)
  if (gap >= 0) throw new Error(`Entry ${sequences[gap]} came after ${sequences[gap - 1]}`)
  if (seen.size !== total) throw new Error(`${seen.size} of ${total} events came`)
  const rate = Math.round((total * 1000) / writingMs)
  const note = `${total} written in ${(writingMs / 1000).toFixed(1)} s (${rate} a second), ${sequences.length} received in order without a gap`
  const middle: Comparison = {
    name: 'audit log: median from sent to received, live tail',
    atlasMs: median(latencies),
    referenceMs: boundMs,
    ratio: Number((median(latencies) / boundMs).toFixed(3)),
    note,
  }
  return [middle, bounded('audit log: p95 from sent to received, live tail', latencies, boundMs)]
}
