import { existsSync } from 'node:fs'
import { dirname, isAbsolute } from 'node:path'
import { z } from 'zod'
import type { copyIn, copyOut } from '../adapters/copy.ts'
import type { Session } from '../adapters/postgres.ts'
import { AtlasError } from '../errors.ts'
import { writeWhole } from '../exportFile.ts'
import { query, sql, trustedStatement } from '../sql.ts'
import { openFileText } from './fileText.ts'
import { type PsqlCommand, readCommand, unquote } from './psql/command.ts'
import { readCopy } from './psql/copyCommand.ts'
import { help, helpGrid } from './psql/help.ts'
import { type CommandGrid, planGrids } from './psql/plan.ts'
import { type RunDependencies, type RunOptions, runStatement } from './run.ts'
import { runFile } from './runFile.ts'
import type { Runnable } from './script.ts'
import type { StatementRun } from './statementContract.ts'

/** What psql's commands have set in a tab. */
export interface PsqlState {
  isExpanded: boolean
  hasTiming: boolean
  /** What `\e` opens. */
  lastText: string
}

export interface CommandDependencies extends RunDependencies {
  copyIn: typeof copyIn
  copyOut: typeof copyOut
}

interface CommandContext {
  deps: CommandDependencies
  session: Session
  entry: StatementRun
  /** One more entry, for one more grid. */
  addEntry: () => StatementRun
  state: PsqlState
  isReadOnly: boolean
  options: RunOptions
}

const openedBytes = 16 * 1024 * 1024

/** Runs a command of psql in a tab's session. Throws `UNSUPPORTED`, with what there is, for one that does not work here. */
export async function runCommand(statement: Runnable, context: CommandContext): Promise<void> {
  const { entry, state, session } = context
  const command = readCommand(statement.text)
  const begun = performance.now()
  switch (command.name) {
    case 'timing':
      state.hasTiming = toggled(command, state.hasTiming)
      say(entry, `Timing is ${state.hasTiming ? 'on' : 'off'}.`)
      break
    case 'x':
      state.isExpanded = toggled(command, state.isExpanded)
      say(entry, `Expanded display is ${state.isExpanded ? 'on' : 'off'}.`)
      break
    case 'conninfo':
      say(entry, await describeConnection(session))
      break
    case 'e':
    case 'edit':
      entry.opened = command.args[0] ? await readWhole(unquote(command.args[0])) : state.lastText
      say(entry, 'Opened in a tab.')
      break
    case 'i':
    case 'include':
      refuseReadOnly(context)
      await includeFile(unquote(command.rest), context)
      break
    case 'copy':
      refuseReadOnly(context)
      await copyRows(command, statement, context)
      break
    default:
      return showGrids(statement, command, context)
  }
  entry.status = 'succeeded'
  entry.durationMs = performance.now() - begun
}

async function showGrids(statement: Runnable, command: PsqlCommand, context: CommandContext): Promise<void> {
  const { deps, session, options } = context
  let entry = context.entry
  const grids: CommandGrid[] | undefined =
    command.name === '?'
      ? [{ title: 'Commands', text: helpGrid().text, footers: [] }]
      : await planGrids(statement.text, session, await readVersion(session))
  if (!grids) {
    throw new AtlasError('UNSUPPORTED', `\\${command.name} does not work here`, {
      object: `line ${statement.line}, column ${statement.column}`,
      saved: 'Nothing was sent.',
      hint: `There are ${help.map(([name]) => name.split(/[\s[,]/)[0]).join(' ')}`,
      next: '\\? tells what each does.',
    })
  }
  for (const [at, grid] of grids.entries()) {
    if (at > 0) entry = context.addEntry()
    Object.assign(entry, { title: grid.title, footers: grid.footers, isExpanded: context.state.isExpanded })
    await runStatement(deps, session, entry, { ...statement, sent: grid.text }, options)
    if (entry.error) Object.assign(entry.error, { line: statement.line, column: statement.column })
  }
  if (grids.length === 0) {
    say(entry, 'There is nothing of this kind.')
    entry.status = 'succeeded'
  }
}

async function includeFile(path: string, { deps, session, entry, options }: CommandContext): Promise<void> {
  const outcome = await runFile(
    { path, isStoppedByError: false, isOneTransaction: false },
    {
      session,
      send: deps.sendStatement,
      copyIn: deps.copyIn,
      describeError: deps.describeError,
      signal: options.signal,
      report: (_progress, detail) => {
        entry.command = detail
        options.changed()
      },
    },
  )
  entry.rows = outcome.copiedRows
  say(entry, `${outcome.statements} statements of ${path}`)
  for (const { line, message } of outcome.failures) entry.notices.push(`ERROR, line ${line}: ${message}`)
  if (outcome.failed > outcome.failures.length) entry.notices.push(`${outcome.failed} errors in all`)
}

async function copyRows(
  command: PsqlCommand,
  statement: Runnable,
  { deps, session, entry, options }: CommandContext,
): Promise<void> {
  const copy = readCopy(command.rest)
  const sent = trustedStatement(copy.statement)
  if (copy.path !== undefined) requireWholePath(copy.path)
  if (copy.direction === 'from') {
    const rows = copy.path === undefined ? [statement.rows ?? ''] : (await openFileText(copy.path)).chunks
    entry.rows = await deps.copyIn(session, sent, rows, options.signal)
  } else {
    const path = copy.path ?? ''
    if (!existsSync(dirname(path))) {
      throw new AtlasError('FILE_UNREADABLE', 'There is no such folder', {
        object: dirname(path),
        saved: 'Nothing was copied.',
        next: 'Name a folder in which Atlas may write.',
      })
    }
    await writeWhole(path, true, (write) => deps.copyOut(session, sent, write))
  }
  say(entry, `COPY${copy.direction === 'from' ? ` ${entry.rows}` : ` to ${copy.path}`}`)
}

function requireWholePath(path: string): void {
  if (isAbsolute(path)) return
  throw new AtlasError('INPUT_INVALID', 'The file has to be named with its whole path', {
    object: path,
    saved: 'Nothing was copied.',
    next: 'Begin it at the root of the machine on which Atlas runs.',
  })
}

function refuseReadOnly({ isReadOnly }: CommandContext): void {
  if (!isReadOnly) return
  throw new AtlasError('UNSUPPORTED', 'This tab is read-only', {
    saved: 'Nothing was changed.',
    next: 'Make it read-write first.',
  })
}

async function readWhole(path: string): Promise<string> {
  const file = await openFileText(path)
  if (file.sizeBytes > openedBytes) {
    throw new AtlasError('UNSUPPORTED', 'The file is too large to be opened in a tab', {
      object: path,
      next: 'Run it with \\i, which reads it as it goes.',
    })
  }
  let text = ''
  for await (const piece of file.chunks) text += piece
  return text
}

const readVersion = async (session: Session): Promise<number> =>
  (
    await session.row(
      query(
        z.object({ version: z.number() }),
        sql`select current_setting('server_version_num')::int as version`,
      ),
    )
  )?.version ?? 0

async function describeConnection(session: Session): Promise<string> {
  const found = await session.row(
    query(
      z.object({ database: z.string(), user: z.string() }),
      sql`select current_database()::text as database, session_user::text as user`,
    ),
  )
  const { host, port } = session.client as typeof session.client & { host: string; port: number }
  return `You are connected to database "${found?.database}" as user "${found?.user}" on host "${host}" at port "${port}".`
}

function toggled({ args: [wanted] }: PsqlCommand, before: boolean): boolean {
  if (wanted === undefined) return !before
  return !/^(?:off|false|no|0)$/i.test(wanted)
}

function say(entry: StatementRun, text: string): void {
  entry.command = text
}
