import type { Command } from 'commander'
import { AtlasError, invalidInput } from '../../errors.ts'
import { type Action, actionSchema, type Plan } from '../../partitions/action.contract.ts'
import type { Relation } from '../../partitions/table.contract.ts'
import { awaitJob } from './job.ts'
import { formatTable, print, printJson } from './output.ts'
import { type Session, withServices } from './session.ts'

/** `partitions list|check|ensure|fill|retain|detach|finalize|drop|analyze|prune` */
export function addPartitions(program: Command): void {
  const partitions = program.command('partitions').description('partitioned tables of any kind')

  partitions
    .command('check')
    .description('what is wrong with partitions or soon will be; fails when there is more than a note')
    .action((_options, command: Command) =>
      withServices(command, async ({ services, isJson }) => {
        const { tables, isHealthy, horizonMonths } = await services.partitions.check(undefined, {})
        const findings = tables.flatMap(({ schema, name, findings: own }) =>
          own.map((finding) => ({ table: `${schema}.${name}`, ...finding })),
        )
        if (isJson) printJson({ isHealthy, horizonMonths, tables: tables.length, findings })
        else {
          const rows = findings.map(({ severity, table, text, next }) => [severity, table, text, next])
          if (rows.length > 0) print(formatTable(['severity', 'table', 'finding', 'next'], rows))
          print(`${tables.length} partitioned tables: ${isHealthy ? 'healthy' : 'not healthy'}`)
        }
        return isHealthy
      }),
    )

  partitions
    .command('list [table]')
    .description('partitioned tables; with a schema.table, its partitions')
    .action((table: string | undefined, _options, command: Command) =>
      withServices(command, async ({ services, isJson }) => {
        const { tables } = await services.partitions.list(table === undefined ? {} : readName(table), {})
        if (isJson) printJson(tables)
        else if (table === undefined) {
          const rows = tables.map((one) => [
            `${one.schema}.${one.name}`,
            one.strategy,
            one.key,
            String(one.partitionCount),
            one.coveredUntil?.toISOString().slice(0, 10) ?? '',
          ])
          print(formatTable(['table', 'by', 'key', 'partitions', 'covered until'], rows))
        } else {
          const rows = tables.flatMap(({ partitions: own }) =>
            own.map((one) => [
              `${'  '.repeat(one.level - 1)}${one.schema}.${one.name}`,
              one.state,
              one.bound,
              String(Math.round(one.estimatedRows)),
              String(one.sizeBytes),
            ]),
          )
          print(formatTable(['partition', 'state', 'bound', 'rows (estimate)', 'bytes'], rows))
        }
        return true
      }),
    )

  const act = (name: string, description: string, read: (relation: Relation, options: Options) => Action) =>
    partitions
      .command(`${name} <relation>`)
      .description(`${description}; the name is written schema.name`)
      .option('--dry-run', 'print the statements and their locks; change nothing')
      .option('--confirm <name>', 'repeat the name of what is dropped')
      .option('-n, --count <number>', 'how many', Number, 3)
      .option('--concurrently', 'detach without keeping anybody waiting')
      .option('--to-schema <schema>', 'move what is detached there')
      .option('--before <day>', 'retain: what ended before this day (2026-01-31) leaves', '')
      .option('--drop', 'retain: drop what leaves')
      .action((relation: string, options: Options, command: Command) =>
        withServices(command, (session) => run(session, valid(read(readName(relation), options)), options)),
      )

  act('ensure', 'make the next partitions of a table', (table, { count }) => ({
    kind: 'ensure',
    table,
    count,
  }))
  act('fill', 'make what is missing between the first and the last partition', (table) => ({
    kind: 'fill',
    table,
  }))
  act('retain', 'detach what ended before a day', (table, { before, toSchema, drop }) => ({
    kind: 'retain',
    table,
    before,
    toSchema,
    isDropped: drop,
  }))
  act('analyze', 'analyse a table and its partitions', (table) => ({ kind: 'analyze', table }))
  act('detach', 'detach a partition, which stays as a table', (partition, { concurrently, toSchema }) => ({
    kind: 'detach',
    partition,
    isConcurrent: concurrently ?? false,
    toSchema,
  }))
  act('finalize', 'finish an interrupted detach', (partition) => ({ kind: 'finalize', partition }))
  act('drop', 'drop a partition with its rows', (partition) => ({ kind: 'drop', partition }))

  partitions
    .command('prune <statement>')
    .description('which partitions a statement would touch; it is planned, never run')
    .action((statement: string, _options, command: Command) =>
      withServices(command, async ({ services, isJson }) => {
        const answer = await services.partitions.prune({ statement }, {})
        if (isJson) printJson(answer)
        else {
          const rows = answer.tables.map(({ schema, name, touched, total }) => [
            `${schema}.${name}`,
            `${touched.length} of ${total}`,
            touched
              .slice(0, 5)
              .map((one) => one.name)
              .join(', ') + (touched.length > 5 ? ', …' : ''),
          ])
          print(formatTable(['table', 'touched', 'partitions'], rows))
        }
        return true
      }),
    )
}

interface Options {
  dryRun?: boolean
  confirm?: string
  drop?: boolean
  count: number
  concurrently?: boolean
  toSchema?: string
  before: string
}

async function run(session: Session, action: Action, { dryRun, confirm }: Options): Promise<boolean> {
  const { services, isJson } = session
  if (!dryRun) return awaitJob(session, await services.partitions.apply({ action, confirm }, {}))
  const plan = await services.partitions.plan({ action }, {})
  if (isJson) printJson(plan)
  else printPlan(plan)
  return plan.refusal === null
}

/** A command calls the service itself, past the router, which reads input through its schema. */
function valid(action: Action): Action {
  const { data, error } = actionSchema.safeParse(action)
  if (data) return data
  throw invalidInput(error.issues[0])
}

function printPlan({ title, facts, refusal, transactions }: Plan) {
  print(title)
  for (const { name, value } of facts) print(`  ${name}: ${value}`)
  if (refusal) print(`Not possible: ${refusal.reason}\n  ${refusal.instead}`)
  for (const { isTransaction, steps } of transactions) {
    if (isTransaction) print('begin;')
    for (const { sql, lock, on, note } of steps) {
      if (lock) print(`-- lock: ${lock} on ${on}`)
      if (note) print(`-- ${note}`)
      print(`${sql};`)
    }
    if (isTransaction) print('commit;')
  }
}

function readName(text: string): Relation {
  const at = text.indexOf('.')
  if (at > 0 && at < text.length - 1) return { schema: text.slice(0, at), name: text.slice(at + 1) }
  throw new AtlasError('INPUT_INVALID', 'A table or partition is written schema.name', {
    object: text,
    saved: 'Nothing was changed.',
    next: 'Write it as public.events, without quotes.',
  })
}
