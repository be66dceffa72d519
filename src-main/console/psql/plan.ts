import type { Queryable } from '../../adapters/postgres.ts'
import { AtlasError } from '../../errors.ts'
import type { Sql } from '../../sql.ts'
import { type PsqlCommand, readCommand } from './command.ts'
import { columnsOf, extensionObjects, findExtensions, findRelations, titleOf } from './describe.ts'
import { footersOf } from './footers.ts'
import { isRelationList, lists, relations } from './lists.ts'

/** A grid that a command gives: the query for its rows, and what stands above and below them. */
export interface CommandGrid {
  text: string
  title: string
  footers: string[]
}

// psql describes as many as there are, one after the other; a person reads some.
const describedAtMost = 100

/**
 * The grids of `\d…` and `\l`, asked in the session that typed it, so that its search path decides what is visible.
 * Undefined for other commands. Throws `OBJECT_NOT_FOUND` where a pattern of `\d` names nothing.
 */
export async function planGrids(
  text: string,
  session: Pick<Queryable, 'rows'>,
  serverVersion: number,
): Promise<CommandGrid[] | undefined> {
  const command = readCommand(text)
  if (command.name === 'dx' && command.isVerbose) return describeExtensions(command, session)
  const known = lists[command.name]
  if (known) return [grid(known.title, known.list(command, serverVersion))]
  if (isRelationList(command.name)) return [grid('List of relations', relations(command, serverVersion))]
  if (command.name !== 'd') return undefined
  if (command.args.length === 0)
    return [grid('List of relations', relations({ ...command, name: 'dtvmsE' }, serverVersion))]
  return describe(command, session)
}

async function describe(command: PsqlCommand, session: Pick<Queryable, 'rows'>): Promise<CommandGrid[]> {
  const found = await session.rows(findRelations(command))
  if (found.length === 0) {
    throw new AtlasError('OBJECT_NOT_FOUND', `Did not find any relation named ${command.args[0]}`, {
      object: command.args[0],
      next: 'Name its schema, or use * for any characters: \\dt *.*',
    })
  }
  const grids: CommandGrid[] = []
  for (const one of found.slice(0, describedAtMost)) {
    const footers = await session.rows(footersOf(one, command.isVerbose))
    grids.push({
      ...grid(titleOf(one), columnsOf(one, command.isVerbose)),
      footers: footers.map(({ line }) => line),
    })
  }
  const last = grids.at(-1)
  const left = found.length - describedAtMost
  if (left > 0 && last) last.footers.push(`${left} more are not described: name fewer.`)
  return grids
}

async function describeExtensions(
  command: PsqlCommand,
  session: Pick<Queryable, 'rows'>,
): Promise<CommandGrid[]> {
  const found = await session.rows(findExtensions(command))
  return found.map(({ oid, name }) => grid(`Objects in extension "${name}"`, extensionObjects(oid)))
}

const grid = (title: string, query: Sql): CommandGrid => ({ title, text: query.text.trim(), footers: [] })
