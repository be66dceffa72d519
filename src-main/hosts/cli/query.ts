import { once } from 'node:events'
import { type Command, Option } from 'commander'
import { formatTable } from './output.ts'
import { withServices } from './session.ts'

const formats = ['table', 'csv', 'jsonl', 'json'] as const
type Format = (typeof formats)[number]

/** `query SQL`: rows leave as they come; memory holds one batch, whatever the size of the result. */
export function addQuery(program: Command): void {
  program
    .command('query <sql>')
    .description('run SQL and print its rows')
    .addOption(new Option('--format <format>', 'how rows are written').choices(formats))
    .action((sql: string, options: { format?: Format }, command: Command) =>
      withServices(command, async ({ services, isJson }) => {
        const writer = createWriter(options.format ?? (isJson ? 'json' : 'table'))
        const abort = new AbortController()
        process.once('SIGINT', () => abort.abort())
        // A reader that has seen enough (`| head`) closes the pipe: that ends the query, and is no error.
        let isReaderGone = false
        process.stdout.on('error', () => {
          isReaderGone = true
          abort.abort()
        })
        try {
          await services.console.stream(
            sql,
            async ({ columns, rows }) => {
              if (columns.length > 0)
                await write(
                  writer.batch(
                    columns.map(({ name }) => name),
                    rows,
                  ),
                )
            },
            abort.signal,
          )
        } catch (error) {
          if (!isReaderGone) throw error
        }
        if (!isReaderGone) await write(writer.end())
        return true
      }),
    )
}

async function write(text: string) {
  if (text === '' || process.stdout.destroyed) return
  if (!process.stdout.write(text))
    await Promise.race([once(process.stdout, 'drain'), once(process.stdout, 'close')])
}

type Row = (string | null)[]

function createWriter(format: Format): {
  batch: (names: string[], rows: Row[]) => string
  end: () => string
} {
  let isFirst = true
  const object = (names: string[], row: Row) => {
    // Two columns of one name: the later ones get their place, so that none is lost.
    const entries = row.map((value, index): [string, string | null] => {
      const name = names[index] ?? ''
      return [names.indexOf(name) === index ? name : `${name}_${index + 1}`, value]
    })
    return `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`
  }
  if (format === 'json') {
    return {
      batch: (names, rows) =>
        rows
          .map((row) => {
            const before = isFirst ? '[\n' : ',\n'
            isFirst = false
            return before + object(names, row)
          })
          .join(''),
      end: () => (isFirst ? '[]\n' : '\n]\n'),
    }
  }
  if (format === 'jsonl')
    return { batch: (names, rows) => rows.map((row) => `${object(names, row)}\n`).join(''), end: () => '' }
  if (format === 'csv') {
    const cell = (value: string | null) =>
      value === null
        ? ''
        : value === '' || /[",\r\n]/.test(value)
          ? `"${value.replaceAll('"', '""')}"`
          : value
    const line = (row: Row) => `${row.map(cell).join(',')}\r\n`
    return {
      batch: (names, rows) => {
        const head = isFirst ? line(names) : ''
        isFirst = false
        return head + rows.map(line).join('')
      },
      end: () => '',
    }
  }
  return {
    batch: (names, rows) => {
      const text = formatTable(
        names,
        rows.map((row) => row.map((value) => value ?? '∅')),
      )
      const shown = isFirst ? text : text.split('\n').slice(2).join('\n')
      isFirst = false
      return shown === '' ? '' : `${shown}\n`
    },
    end: () => '',
  }
}
