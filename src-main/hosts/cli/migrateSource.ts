import type { Command } from 'commander'
import { print, printError, printJson } from './output.ts'
import type { Session } from './session.ts'

interface SourceOptions {
  folder?: string
  project?: string
}

/** Which migrations a command is about. */
export function sourceOf(command: Command): SourceOptions {
  const { folder, project } = command.optsWithGlobals<SourceOptions>()
  return { ...(folder ? { folder } : {}), ...(project ? { project } : {}) }
}

/** Waits for a job, cancels it at Ctrl+C, and prints how it ended, unless a report follows. */
export async function awaitJob(
  { services, isJson }: Pick<Session, 'services' | 'isJson'>,
  jobId: string,
  hasReport = false,
): Promise<boolean> {
  const cancel = () => void services.jobs.cancel({ id: jobId }, {})
  process.once('SIGINT', cancel)
  const job = await services.jobs.finished(jobId)
  process.off('SIGINT', cancel)
  if (job.error) printError(job.error)
  if (isJson && !hasReport) {
    const { status, detail, error } = job
    printJson({ status, detail, ...(error ? { error } : {}) })
  } else if (!isJson && !job.error) print(job.detail)
  return job.status === 'succeeded'
}
