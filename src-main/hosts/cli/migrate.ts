import type { Command } from 'commander'
import { formatTable, print, printError, printJson } from './output.ts'
import { withServices } from './session.ts'

/** `migrate status|plan|apply` */
export function addMigrate(program: Command): void {
  const migrate = program.command('migrate').description('the schema of the platform')

  migrate
    .command('status')
    .description('which migrations are applied and which are pending')
    .action((_options, command: Command) =>
      withServices(command, async ({ services, isJson }) => {
        const { migrations, pending } = await services.migrations.status(undefined, {})
        if (isJson)
          printJson({ migrations: migrations.map(({ appliedBy: _by, ...migration }) => migration), pending })
        else {
          const rows = migrations.map((one) => [
            one.version,
            one.name,
            one.state,
            one.appliedAt?.toISOString() ?? '',
            one.durationMs === null ? '' : `${one.durationMs} ms`,
          ])
          print(formatTable(['version', 'name', 'state', 'applied at', 'took'], rows))
          print(`${pending} pending`)
        }
        return true
      }),
    )

  migrate
    .command('plan')
    .description('what would run, with the locks it takes; runs nothing')
    .action((_options, command: Command) =>
      withServices(command, async ({ services, isJson }) => {
        const plan = await services.migrations.plan(undefined, {})
        if (isJson) printJson(plan)
        else if (plan.files.length === 0) print('Nothing is pending.')
        for (const file of isJson ? [] : plan.files) {
          print(`${file.version}_${file.name}.sql: ${file.statements.length} statements in one transaction`)
          const rows = file.statements
            .filter(({ lock, isIrreversible }) => lock !== null || isIrreversible)
            .map(({ line, summary, lock, isIrreversible }) => [
              String(line),
              lock ?? '',
              isIrreversible ? 'cannot be undone' : '',
              summary,
            ])
          print(formatTable(['line', 'lock', '', 'statement'], rows))
        }
        return true
      }),
    )

  migrate
    .command('apply')
    .description('apply what is pending')
    .option('--to <version>', 'stop after this version')
    .action((options: { to?: string }, command: Command) =>
      withServices(command, async ({ services, isJson }) => {
        const { jobId } = await services.migrations.apply({ to: options.to }, {})
        const cancel = () => void services.jobs.cancel({ id: jobId }, {})
        process.once('SIGINT', cancel)
        const job = await services.jobs.finished(jobId)
        process.off('SIGINT', cancel)
        if (job.error) printError(job.error)
        else if (isJson) printJson({ status: job.status, detail: job.detail })
        else print(job.detail)
        return job.status === 'succeeded'
      }),
    )
}
