import type { Command } from 'commander'
import type { Plan, Rehearsal } from '../../migrations/report.contract.ts'
import type { Services } from '../../services.ts'
import { awaitJob } from './job.ts'
import { addMigrateDecisions } from './migrateDecisions.ts'
import { sourceOf } from './migrateSource.ts'
import { formatTable, print, printJson } from './output.ts'
import { withServices } from './session.ts'

/** `migrate status|plan|lint|rehearse|apply|drift`, and the decisions. */
export function addMigrate(program: Command): void {
  const migrate = program
    .command('migrate')
    .description('the schema of the platform, or the migrations of any folder')
    .option('--folder <dir>', 'a folder of migrations; without it the platform’s own')
    .option('--project <name>', 'the name of the folder in the ledger; without it the last part of its path')

  migrate
    .command('status')
    .description('which migrations are applied and which are pending')
    .action((_options, command: Command) =>
      withServices(command, async ({ services, isJson }) => {
        const { migrations, pending, foreign } = await services.migrations.status(sourceOf(command), {})
        if (isJson) {
          const documented = migrations.map(({ version, name, state, checksum, appliedAt, durationMs }) => ({
            version,
            name,
            state,
            checksum,
            appliedAt,
            durationMs,
          }))
          printJson({ migrations: documented, pending })
        } else {
          const rows = migrations.map((one) => [
            one.version,
            one.name,
            one.state,
            one.appliedAt?.toISOString() ?? '',
            one.durationMs === null ? '' : `${one.durationMs} ms`,
            one.appliedBy ?? '',
            one.detail ?? '',
          ])
          print(formatTable(['version', 'name', 'state', 'applied at', 'took', 'by', ''], rows))
          print(`${pending} pending`)
          for (const { tool, schema, table } of foreign)
            print(
              `${tool} keeps a ledger in ${schema}.${table}; take it over: migrate baseline --import ${tool}`,
            )
        }
        return true
      }),
    )

  migrate
    .command('plan')
    .description('what would run, with the locks it takes and who is in the way; runs nothing')
    .option('--markdown', 'as a document for a review')
    .action(({ markdown }: { markdown?: boolean }, command: Command) =>
      withServices(command, async ({ services, isJson }) => {
        const source = sourceOf(command)
        if (markdown)
          print((await services.migrations.exportPlan({ ...source, format: 'markdown' }, {})).text)
        else if (isJson) printJson(await services.migrations.plan(source, {}))
        else printPlan(await services.migrations.plan(source, {}))
        return true
      }),
    )

  migrate
    .command('lint')
    .description('what in the pending files locks, breaks or surprises; fails on errors')
    .argument('[version]', 'one migration, pending or not')
    .action((version: string | undefined, _options, command: Command) =>
      withServices(command, async ({ services, isJson }) => {
        const input = { ...sourceOf(command), ...(version ? { version } : {}) }
        const files = await services.migrations.lint(input, {})
        if (isJson) printJson(files)
        else printFindings(files)
        return !files.some(({ findings }) => findings.some(({ severity }) => severity === 'error'))
      }),
    )

  migrate
    .command('rehearse')
    .description('apply, prove, revert and apply again in a throw-away copy of the schema')
    .action((_options, command: Command) =>
      withServices(command, async (session) => {
        const { services, isJson } = session
        const source = sourceOf(command)
        const started = await services.migrations.rehearse(source, {})
        const isFine = await awaitJob(session, started, true)
        const report = await services.migrations.rehearsal(source, {})
        if (isJson) printJson(report)
        else if (report) printRehearsal(report)
        return isFine
      }),
    )

  migrate
    .command('apply')
    .description('apply what is pending')
    .option('--to <version>', 'stop after this version')
    .option('--out-of-order', 'also what comes before a version that is applied')
    .action((options: { to?: string; outOfOrder?: boolean }, command: Command) =>
      withServices(command, async (session) => {
        const started = await session.services.migrations.apply(
          { ...sourceOf(command), to: options.to, allowOutOfOrder: options.outOfOrder },
          {},
        )
        return awaitJob(session, started)
      }),
    )

  migrate
    .command('drift')
    .description('where the schema is not what the ledger makes; fails where it is not')
    .action((_options, command: Command) =>
      withServices(command, async (session) => {
        const { services, isJson } = session
        const started = await services.migrations.checkDrift(sourceOf(command), {})
        const isFine = await awaitJob(session, started, true)
        const drift = await services.migrations.drift(undefined, {})
        if (isJson) printJson(drift)
        else {
          for (const { change, kind, object, expected, found } of drift?.differences ?? []) {
            print(`${change}: ${kind} ${object}`)
            if (change === 'different') print(`  ledger: ${expected}\n  here:   ${found}`)
          }
        }
        return isFine && drift?.differences.length === 0
      }),
    )

  addMigrateDecisions(migrate)
}

function printPlan(plan: Plan): void {
  if (plan.files.length === 0) print('Nothing is pending.')
  for (const { version, name, state, next } of plan.stops)
    print(`stops: ${version}_${name} is ${state}. ${next}`)
  for (const { processId, application, ageSeconds, tables } of plan.transactions) {
    const on = tables.length > 0 ? ` with locks on ${tables.join(', ')}` : ''
    print(`in the way: process ${processId} (${application}), open for ${Math.round(ageSeconds)} s${on}`)
  }
  for (const file of plan.files) {
    const how = file.isTransactional ? 'in one transaction' : 'each by itself'
    print(`${file.fileName}: ${file.statements.length} statements ${how}, ${file.findings.length} findings`)
    if (file.fault) print(`  cannot be run: ${file.fault.message}`)
    const rows = file.statements
      .filter(({ lock, isIrreversible }) => lock !== null || isIrreversible)
      .map((one) => [
        String(one.line),
        one.lock ?? '',
        one.blocks ? `${one.blocks} wait` : '',
        one.tables.map(({ rows: count }) => (count === null || count < 0 ? '?' : String(count))).join(', '),
        one.isIrreversible ? 'cannot be undone' : '',
        one.summary,
      ])
    if (rows.length > 0) print(formatTable(['line', 'lock', 'others', 'rows', '', 'statement'], rows))
  }
}

function printFindings(files: Awaited<ReturnType<Services['migrations']['lint']>>): void {
  for (const { fileName, findings } of files) {
    for (const { line, column, severity, rule, title, why, advice, rewrite } of findings) {
      print(`${fileName}:${line}:${column}: ${severity} ${rule}: ${title}`)
      print(`  ${why} ${advice}`)
      if (rewrite) print(rewrite.replaceAll(/^/gm, '    '))
    }
  }
  if (files.every(({ findings }) => findings.length === 0)) print('No findings.')
}

function printRehearsal({ place, replayed, copied, leftOut, files }: Rehearsal): void {
  print(
    copied > 0
      ? `${copied} objects copied from the catalogue on ${place}`
      : `${replayed} applied files replayed on ${place}`,
  )
  for (const what of leftOut) print(`left out: ${what}`)
  for (const { fileName, status, verify, down, up, differences, error } of files) {
    print(`${fileName}: ${status}; proof ${verify}; down and up again ${down}`)
    const rows = up
      .filter(({ locks, rewrites }) => rewrites.length > 0 || locks.some(({ isNew }) => !isNew))
      .map(({ line, summary, durationMs, locks, rewrites }) => [
        String(line),
        `${durationMs.toFixed(1)} ms`,
        locks.flatMap(({ object, mode, isNew }) => (isNew ? [] : `${mode} on ${object}`)).join(', '),
        rewrites.length > 0 ? `writes ${rewrites.join(', ')} anew` : '',
        summary,
      ])
    if (rows.length > 0) print(formatTable(['line', 'took', 'locks', '', 'statement'], rows))
    for (const { change, kind, object } of differences)
      print(`  ${change} after down and up: ${kind} ${object}`)
    if (error) print(`  ${error}`)
  }
}
