import { basename } from 'node:path'
import type { copyIn } from '../adapters/copy.ts'
import type { Database } from '../adapters/postgres.ts'
import type { sendStatement } from '../adapters/statement.ts'
import { AtlasError } from '../errors.ts'
import type { JobStarter } from '../jobs/contract.ts'
import type { DescribedError } from '../log.ts'
import { type FileOutcome, type FileRun, runFile } from './runFile.ts'

interface FileJobDependencies {
  db: Pick<Database, 'session' | 'interruptible'>
  jobs: JobStarter
  environmentId: string
  environmentName: string
  isProduction: boolean
  sendStatement: typeof sendStatement
  copyIn: typeof copyIn
  describeError: (error: unknown) => DescribedError
}

/** Starts the job that runs a file. Throws `CONFIRMATION_NEEDED` in production until its name is typed. */
export function startFileJob(
  run: FileRun & { typedName?: string | undefined },
  deps: FileJobDependencies,
): { jobId: string } {
  if (deps.isProduction && run.typedName !== deps.environmentName) {
    throw new AtlasError('CONFIRMATION_NEEDED', 'A file is run in production, whatever stands in it', {
      object: deps.environmentName,
      saved: 'Nothing was run.',
      next: `Type ${deps.environmentName} to run it.`,
    })
  }
  const { environmentId } = deps
  const title = `Run ${basename(run.path)}`
  return deps.jobs.start({ environmentId, title, link: '/console', isCancellable: true }, async (job) => {
    const session = await deps.db.session('file')
    try {
      const outcome = await deps.db.interruptible(session, job.signal, () =>
        runFile(run, {
          session,
          send: deps.sendStatement,
          copyIn: deps.copyIn,
          describeError: deps.describeError,
          signal: job.signal,
          report: (progress, detail) => job.report({ progress, detail }),
        }),
      )
      return describeOutcome(outcome)
    } finally {
      await session.close()
    }
  })
}

function describeOutcome({ statements, copiedRows, failed, failures }: FileOutcome): string {
  const parts = [`${statements.toLocaleString('en')} statements`]
  if (copiedRows > 0) parts.push(`${copiedRows.toLocaleString('en')} rows copied`)
  const [first] = failures
  if (first) parts.push(`${failed} failed, the first at line ${first.line}: ${first.message}`)
  return parts.join(', ')
}
