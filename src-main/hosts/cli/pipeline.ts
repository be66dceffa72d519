import type { Command } from 'commander'
import { AtlasError } from '../../errors.ts'
import type { Run } from '../../pipelines/contract.ts'
import { onInterrupt } from '../interrupt.ts'
import { formatTable, print, printError, printJson } from './output.ts'
import { withServices } from './session.ts'

/** `pipeline list` and `pipeline run NAME` */
export function addPipeline(program: Command): void {
  const pipeline = program.command('pipeline').description('pipelines and their runs')

  pipeline
    .command('list')
    .description('the pipelines with their last runs')
    .action((_options, command: Command) =>
      withServices(command, async ({ services, isJson }) => {
        const pipelines = await services.pipelines.list(undefined, {})
        if (isJson) printJson(pipelines)
        else {
          const rows = pipelines.map(({ name, lastRun, description }) => [
            name,
            lastRun ? `#${lastRun.runNumber} ${lastRun.status}` : 'never ran',
            description,
          ])
          print(formatTable(['name', 'last run', 'what it does'], rows))
        }
        return true
      }),
    )

  pipeline
    .command('run <name>')
    .description('start a pipeline')
    .option('--param <name=value>', 'a parameter; may be given again', collectParameter, {})
    .option('--wait', 'do its tasks here, where no worker does, and wait for the end')
    .action((name: string, options: { param: Record<string, string>; wait?: boolean }, command: Command) =>
      withServices(command, async ({ app, services, environment, isJson }) => {
        const { runId, runNumber } = await services.pipelines.run({ name, parameters: options.param }, {})
        if (!options.wait) {
          if (isJson) printJson({ runId, runNumber, status: 'queued' })
          else print(`${name} #${runNumber} is queued`)
          return true
        }
        const worker = app.startWorker(environment, { onlyRun: runId })
        const ignore = onInterrupt(() => void services.pipelines.cancel({ runId }, {}))
        const run = await services.pipelines.finished(runId)
        ignore()
        await worker.stop()
        report(run, isJson)
        return run.status === 'succeeded'
      }),
    )
}

function report(run: Run, isJson: boolean) {
  const tasks = run.tasks.map(({ id, status, rowsIn, rowsOut, attempts, durationMs }) => ({
    id,
    status,
    rowsIn,
    rowsOut,
    attempts,
    durationMs: durationMs === null ? null : Math.round(durationMs),
  }))
  if (isJson) printJson({ runId: run.runId, status: run.status, tasks })
  else {
    const rows = tasks.map((task) => [
      task.id,
      task.status,
      String(task.rowsIn),
      String(task.rowsOut),
      `${task.durationMs ?? 0} ms`,
    ])
    print(formatTable(['task', 'status', 'rows in', 'rows out', 'took'], rows))
    print(`${run.pipeline} #${run.runNumber} ${run.status}`)
  }
  for (const { id, error } of run.tasks) {
    if (error)
      printError({
        code: 'TASK_FAILED',
        message: `${id}: ${error.message}`,
        data: { ...error, detail: [error.code, error.detail].filter(Boolean).join(': ') },
      })
  }
}

function collectParameter(text: string, before: Record<string, string>): Record<string, string> {
  const at = text.indexOf('=')
  if (at < 1) {
    throw new AtlasError('INPUT_INVALID', 'A parameter is written name=value', {
      object: text,
      saved: 'No run was started.',
    })
  }
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}
