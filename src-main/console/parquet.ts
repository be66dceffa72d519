import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer'
import { uniqueNames } from './export.ts'
import type { StatementRun } from './statementContract.ts'

type Columns = StatementRun['columns']
type ParquetType = 'INT32' | 'INT64' | 'DOUBLE' | 'FLOAT' | 'BOOLEAN' | 'STRING' | 'JSON'

const exact: Record<string, ParquetType> = {
  int2: 'INT32',
  int4: 'INT32',
  int8: 'INT64',
  float4: 'FLOAT',
  float8: 'DOUBLE',
  bool: 'BOOLEAN',
  json: 'STRING',
  jsonb: 'STRING',
}

const decode: Partial<Record<ParquetType, (text: string) => unknown>> = {
  INT32: Number,
  INT64: BigInt,
  FLOAT: readFloat,
  DOUBLE: readFloat,
  BOOLEAN: (text) => text === 't',
}

/** PostgreSQL's spelling of the values that JavaScript spells otherwise. */
function readFloat(text: string): number {
  return Number(text)
}

/**
 * Rows as a Parquet file, a row group at a time. Integers, floats and booleans have their own types; numeric, times and all
 * else are their exact text, since no Parquet type holds `NaN`, `infinity` or a thousand digits.
 */
export function createParquetEncoder(columns: Columns) {
  const names = uniqueNames(columns.map(({ name }) => name || 'column'))
  const kinds = columns.map(({ type }) => exact[type] ?? 'STRING')
  const source = (rows: (string | null)[][]) =>
    names.map((name, at) => ({
      name,
      type: kinds[at] ?? 'STRING',
      nullable: true,
      data: rows.map((row) => {
        const cell = row[at] ?? null
        return cell === null ? null : (decode[kinds[at] ?? 'STRING']?.(cell) ?? cell)
      }),
    }))
  const bytes = new ByteWriter()
  const writer = new ParquetWriter({
    writer: bytes,
    schema: schemaFromColumnData({ columnData: source([]) }),
  })
  const take = () => {
    const piece = new Uint8Array(bytes.buffer.slice(0, bytes.index))
    bytes.index = 0
    return piece
  }
  return {
    group: (rows: (string | null)[][]): Uint8Array => {
      if (rows.length > 0) writer.write({ columnData: source(rows), rowGroupSize: rows.length })
      return take()
    },
    end: (): Uint8Array => {
      writer.finish()
      return take()
    },
  }
}
