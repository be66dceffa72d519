import { once } from 'node:events'
import { type Command, Option } from 'commander'
import type { RowEncoder } from '../../console/export.ts'
import type { Console, NamedBatch } from '../../console/service.ts'
import { onInterrupt } from '../interrupt.ts'
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
        const writer = createWriter(services.console, options.format ?? (isJson ? 'json' : 'table'))
        const abort = new AbortController()
        onInterrupt(() => abort.abort())
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
              if (columns.length > 0) await write(writer.batch(columns, rows))
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

type Columns = NamedBatch['columns']

interface Writer {
  batch(columns: Columns, rows: NamedBatch['rows']): string
  end(): string
}

function createWriter(console: Pick<Console, 'encoder'>, format: Format): Writer {
  return format === 'table'
    ? createTable()
    : createText((columns) => console.encoder(format, columns), format === 'json' ? '[]\n' : '')
}

/** Rows in the format of an export. JSON is one array, whatever the statements; in the others new columns have a new head. */
function createText(open: (columns: Columns) => RowEncoder, nothing: string): Writer {
  let encoder: RowEncoder | undefined
  let shape = ''
  let isFirst = true
  return {
    batch: (columns, rows) => {
      let text = ''
      const now = JSON.stringify(columns)
      if (!encoder || now !== shape) {
        const next = open(columns)
        if (!encoder || !next.foot) text = next.head
        encoder = next
        shape = now
      }
      for (const row of rows) {
        text += encoder.row(row, isFirst)
        isFirst = false
      }
      return text
    },
    end: () => encoder?.foot ?? nothing,
  }
}

/** Rows below their heads; the first batch decides how wide the columns are at least. */
function createTable(): Writer {
  let shape = ''
  return {
    batch: (columns, rows) => {
      const text = formatTable(
        columns.map(({ name }) => name),
        rows.map((row) => row.map((value) => value ?? '∅')),
      )
      const now = JSON.stringify(columns)
      const shown = now === shape ? text.split('\n').slice(2).join('\n') : text
      shape = now
      return shown === '' ? '' : `${shown}\n`
    },
    end: () => '',
  }
}
