import { setTimeout as sleep } from 'node:timers/promises'
import { onInterrupt } from '../interrupt.ts'
import { print, printError, printJson } from './output.ts'
import type { Session } from './session.ts'

const quietMs = 2000

/** Says on standard error what a job is doing, once it takes longer than a moment: whom it waits for, how far it is. */
async function followJob(services: Session['services'], jobId: string, signal: AbortSignal): Promise<void> {
  await sleep(quietMs, undefined, { signal }).catch(() => {})
  let said = ''
  for await (const jobs of await services.jobs.watch(undefined, { signal })) {
    const { status, detail } = jobs.find(({ id }) => id === jobId) ?? {}
    if (status !== 'running' || detail === undefined || detail === said) continue
    said = detail
    process.stderr.write(`${detail}\n`)
    await sleep(quietMs / 2, undefined, { signal }).catch(() => {})
  }
}

/** Waits for a job that was started, cancels it at Ctrl+C, and prints how it ended, unless a report follows. */
export async function awaitJob(
  { services, isJson }: Pick<Session, 'services' | 'isJson'>,
  { jobId }: { jobId: string },
  hasReport = false,
): Promise<boolean> {
  const ignore = onInterrupt(() => void services.jobs.cancel({ id: jobId }, {}))
  const ended = new AbortController()
  const following = followJob(services, jobId, ended.signal)
  const job = await services.jobs.finished(jobId)
  ended.abort()
  await following
  ignore()
  if (job.error) printError(job.error)
  if (isJson && !hasReport) {
    const { status, detail, error } = job
    printJson({ status, detail, ...(error ? { error } : {}) })
  } else if (!isJson && !job.error) print(job.detail)
  return job.status === 'succeeded'
}
