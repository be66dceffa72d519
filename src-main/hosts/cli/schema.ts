import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { AtlasError } from '../../errors.ts'
import { type Ignored, ignoredSchema } from '../../schema/diff/contract.ts'
import { awaitJob } from './job.ts'
import { formatTable, print, printJson } from './output.ts'
import { withServices } from './session.ts'

interface Options {
  with?: string
  folder?: string
  project?: string
  ignore: string
  changes?: string
  create?: string
  output?: string
  destructive?: boolean
}

/** `schema script`, `schema diff` */
export function addSchema(program: Command): void {
  const schema = program.command('schema').description('the schema of the database')
  schema
    .command('script')
    .description('all of the database as SQL that makes it anew; roles apart')
    .option('-o, --output <file>', 'put it into this file')
    .action((options: { output?: string }, command: Command) =>
      withServices(command, async ({ services, isJson }) => {
        const script = await services.schema.script(undefined, {})
        if (options.output) await writeFile(options.output, script.text)
        if (isJson) printJson(options.output ? { ...script, text: undefined } : script)
        else print(options.output ? `${script.objects} objects: ${options.output}` : script.text)
        return true
      }),
    )
  schema
    .command('diff')
    .description('what differs from another environment or from the migrations; fails where anything does')
    .option('--with <environment>', 'another environment, by name or id; without it the migrations')
    .option('--folder <dir>', 'a folder of migrations; without it the platform’s own')
    .option('--project <name>', 'the name of the folder in the ledger')
    .option('--ignore <list>', `of ${ignoredSchema.options.join(', ')}`, 'owners,partitions')
    .option('--changes <side>', 'write the migration that changes this side: here or there')
    .option('--destructive', 'with what destroys rows or values, else it is left out as comments')
    .option('--create <name>', 'put the migration into the folder as its next file')
    .option('-o, --output <file>', 'put it into this file; without it and --create it is printed')
    .action((options: Options, command: Command) =>
      withServices(command, async (session) => {
        const { services, isJson } = session
        const ignored = readIgnored(options.ignore)
        const changes = readSide(options)
        const source = { folder: options.folder, project: options.project }
        const started = await services.schema.compare(
          {
            other: options.with
              ? { type: 'environment', id: options.with }
              : { type: 'migrations', ...source },
            ignored,
          },
          {},
        )
        if (!(await awaitJob({ services, isJson: true }, started, true))) return false
        const comparison = await services.schema.comparison(undefined, {})
        const objects = (comparison?.objects ?? []).filter(({ change }) => change !== 'identical')
        const reordered = comparison?.counts.reordered ?? 0
        const differing = objects.length - reordered
        const migration =
          changes &&
          (await services.schema.writeMigration(
            { changes, withDestructive: options.destructive ?? false },
            {},
          ))
        const created =
          migration && options.create
            ? await services.migrations.createFile(
                { ...source, name: options.create, text: migration.text },
                {},
              )
            : undefined
        if (migration && options.output) await writeFile(options.output, migration.text)
        if (isJson)
          printJson({ ...comparison, objects, ...(migration && { migration }), ...(created && { created }) })
        else if (migration && !options.create && !options.output) print(migration.text)
        else {
          if (objects.length > 0)
            print(
              formatTable(
                ['change', 'kind', 'object', 'what'],
                objects.map(({ change, kind, name, details }) => [
                  change,
                  kind,
                  name.replace(/\s/g, ' '),
                  details.slice(0, 4).join('; ').replace(/\s/g, ' ') + (details.length > 4 ? '; …' : ''),
                ]),
              ),
            )
          print(
            `${differing} of ${comparison?.objects.length ?? 0} objects differ from ${comparison?.there.name}`,
          )
          if (reordered > 0)
            print(`${reordered} have the same columns in another order, which no statement changes`)
          if (created) print(`Written: ${created.path}`)
        }
        return differing === 0
      }),
    )
}

function readIgnored(text: string): Ignored[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean)
    .map((word) => {
      const known = ignoredSchema.safeParse(word)
      if (known.success) return known.data
      throw new AtlasError('INPUT_INVALID', 'This cannot be ignored', {
        object: word,
        next: `Known are ${ignoredSchema.options.join(', ')}.`,
      })
    })
}

function readSide({ changes, create, output }: Options): 'here' | 'there' | undefined {
  if (changes === 'here' || changes === 'there') return changes
  if (changes === undefined) return create || output ? 'here' : undefined
  throw new AtlasError('INPUT_INVALID', 'A migration changes here or there', {
    object: changes,
    saved: 'Nothing was written.',
    next: '`--changes here` makes this environment as the other side is.',
  })
}
