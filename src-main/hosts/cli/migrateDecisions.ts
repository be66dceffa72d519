import { readFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { templateNames } from '../../migrations/contract.ts'
import { awaitJob } from './job.ts'
import { sourceOf } from './migrateSource.ts'
import { print, printJson } from './output.ts'
import { withServices } from './session.ts'

type Template = (typeof templateNames)[number]

/** `migrate revert|repair|baseline|new`: what a person decides. */
export function addMigrateDecisions(migrate: Command): void {
  migrate
    .command('revert <version>')
    .description('take back the newest migration by its way back')
    .option('--plan', 'show what it would run and lose; change nothing')
    .option('--accept-loss', 'also where rows or values are lost')
    .action((version: string, options: { plan?: boolean; acceptLoss?: boolean }, command: Command) =>
      withServices(command, async (session) => {
        const { services, isJson } = session
        const input = { ...sourceOf(command), version }
        if (options.plan) {
          const plan = await services.migrations.planRevert(input, {})
          if (isJson) printJson(plan)
          else {
            print(plan.sql)
            for (const { object, rows, isMore } of plan.losses)
              print(`loses ${isMore ? 'more than ' : ''}${rows} rows or values of ${object}`)
          }
          return true
        }
        const started = await services.migrations.revert({ ...input, isLossAccepted: options.acceptLoss }, {})
        return awaitJob(session, started)
      }),
    )

  migrate
    .command('repair <version>')
    .description('resolve an edited, missing or partial migration; the ledger keeps the reason')
    .requiredOption('--reason <text>', 'why')
    .addOption(
      new Option('--statement <outcome>', 'of a partial one: whether the cut off statement is done').choices([
        'done',
        'again',
      ]),
    )
    .action((version: string, options: { reason: string; statement?: 'done' | 'again' }, command: Command) =>
      withServices(command, async ({ services, isJson }) => {
        const migration = await services.migrations.repair({ ...sourceOf(command), version, ...options }, {})
        if (isJson) printJson(migration)
        else print(migration ? `${version} is ${migration.state}` : `${version} left the ledger`)
        return true
      }),
    )

  migrate
    .command('baseline [version]')
    .description('take everything up to a version as applied, without running it')
    .addOption(
      new Option('--import <tool>', 'what the ledger of another tool says').choices([
        'flyway',
        'dbmate',
        'node-pg-migrate',
      ]),
    )
    .action(
      (
        version: string | undefined,
        options: { import?: 'flyway' | 'dbmate' | 'node-pg-migrate' },
        command: Command,
      ) =>
        withServices(command, async ({ services, isJson }) => {
          const source = sourceOf(command)
          if (!options.import && version === undefined)
            command.error('error: name a version, or say --import with a tool')
          const { recorded, warnings = [] }: { recorded: number; warnings?: string[] } = options.import
            ? await services.migrations.importLedger({ ...source, tool: options.import }, {})
            : await services.migrations.baseline({ ...source, version: version ?? '' }, {})
          if (isJson) printJson({ recorded, warnings })
          else {
            print(`${recorded} recorded as applied`)
            for (const warning of warnings) print(`warning: ${warning}`)
          }
          return true
        }),
    )

  migrate
    .command('new <name>')
    .description('write the next file')
    .addOption(new Option('--template <name>', 'how it begins').choices([...templateNames]).default('empty'))
    .option('--from <file>', 'with the text of this file')
    .action((name: string, options: { template: Template; from?: string }, command: Command) =>
      withServices(command, async ({ services, isJson }) => {
        const text = options.from === undefined ? {} : { text: readFileSync(options.from, 'utf8') }
        const made = await services.migrations.createFile(
          { ...sourceOf(command), name, template: options.template, ...text },
          {},
        )
        if (isJson) printJson(made)
        else print(made.path)
        return true
      }),
    )
}
