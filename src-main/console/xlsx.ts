import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { AtlasError } from '../errors.ts'
import type { WritePiece } from '../exportFile.ts'
import type { ExportColumn } from './export.ts'
import { cellWriter, columnLetters, headStyle, sheetLimits, textCell } from './xlsxCell.ts'

type Row = (string | null)[]

const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const packages = 'http://schemas.openxmlformats.org/package/2006'
const type = 'application/vnd.openxmlformats-officedocument.spreadsheetml'
const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
// An entry of the archive stays below 4 GiB, where its format changes.
const sheetBytes = 3 * 1024 ** 3
const pieceCharacters = 256 * 1024

export interface XlsxOptions {
  hasHeader: boolean
  /** Rows of a sheet, its head included. */
  sheetRows?: number
  sheetBytes?: number
}

/**
 * Rows as a workbook, written as they come: `add` holds no more than a piece of a sheet, and waits for `write`. A sheet that is
 * full is followed by another with the same head. Throws `UNSUPPORTED` for what no sheet can hold: too many columns, or a text
 * longer than a cell. After an error nothing more is written; `end` makes the file whole.
 */
export async function createXlsxEncoder(columns: ExportColumn[], write: WritePiece, options: XlsxOptions) {
  if (columns.length > sheetLimits.columns) {
    throw refuse(
      `${columns.length} columns are more than a sheet takes`,
      'Ask for fewer columns, or write CSV.',
    )
  }
  const { ZipFile } = await import('yazl')
  const zip = new ZipFile()
  let failure: unknown
  const pumped = (async () => {
    for await (const piece of zip.outputStream) await write(piece as Buffer)
  })().catch((error) => {
    failure ??= error
    sheet?.body.destroy()
  })
  const mostRows = options.sheetRows ?? sheetLimits.rows
  const mostBytes = options.sheetBytes ?? sheetBytes
  const letters = columns.map((_column, at) => columnLetters(at))
  const writers = columns.map((column) => cellWriter(column.type))
  let sheet: { body: PassThrough; rows: number; bytes: number } | undefined
  let sheets = 0
  let written = 0
  let pending = ''

  const flush = async () => {
    if (failure) throw failure
    if (!sheet || pending === '') return
    const bytes = Buffer.from(pending)
    pending = ''
    sheet.bytes += bytes.length
    if (!sheet.body.write(bytes)) await Promise.race([once(sheet.body, 'drain'), pumped])
    if (failure) throw failure
  }
  const begin = () => {
    sheets++
    sheet = { body: new PassThrough(), rows: 0, bytes: 0 }
    // What the file cannot take is told by `failure`.
    sheet.body.on('error', () => {})
    zip.addReadStream(sheet.body, `xl/worksheets/sheet${sheets}.xml`, { compressionLevel: 3 })
    const frozen = options.hasHeader
      ? '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
      : ''
    pending += `${head}<worksheet xmlns="${main}">${frozen}${widthsOf(columns)}<sheetData>`
    if (options.hasHeader) putRow(columns.map(({ name }, at) => textCell(`${letters[at]}1`, name, headStyle)))
  }
  const putRow = (cells: string[]) => {
    if (!sheet) return
    sheet.rows++
    pending += `<row r="${sheet.rows}">${cells.join('')}</row>`
  }
  const finish = async () => {
    pending += '</sheetData></worksheet>'
    await flush()
    sheet?.body.end()
    sheet = undefined
  }

  return {
    add: async (rows: Row[]): Promise<void> => {
      for (const row of rows) {
        if (sheet && (sheet.rows >= mostRows || sheet.bytes >= mostBytes)) await finish()
        if (!sheet) begin()
        written++
        const number = (sheet?.rows ?? 0) + 1
        putRow(
          row.map((text, at) => {
            if (text === null) return ''
            if (text.length > sheetLimits.characters)
              throw tooLong(written, columns[at]?.name ?? '', text.length)
            return writers[at]?.(`${letters[at]}${number}`, text) ?? ''
          }),
        )
        if (pending.length > pieceCharacters) await flush()
      }
    },
    end: async (): Promise<void> => {
      if (!sheet) begin()
      await finish()
      for (const [name, text] of frameOf(sheets)) zip.addBuffer(Buffer.from(head + text), name)
      zip.end()
      await pumped
      if (failure) throw failure
    },
    /** How many sheets there are by now. */
    sheets: () => sheets,
  }
}

const widthsOf = (columns: ExportColumn[]) =>
  `<cols>${columns
    .map(({ name, type: of }, at) => {
      const least = of.startsWith('timestamp') ? 20 : of === 'date' ? 11 : 9
      return `<col min="${at + 1}" max="${at + 1}" width="${Math.min(40, Math.max(least, name.length + 2))}" customWidth="1"/>`
    })
    .join('')}</cols>`

/** The parts of a workbook around its sheets (ECMA-376, part 1, 12.3). */
function frameOf(sheets: number): [string, string][] {
  const numbers = Array.from({ length: sheets }, (_unused, at) => at + 1)
  const part = (name: string, of: string) =>
    `<Override PartName="/xl/${name}" ContentType="${type}.${of}+xml"/>`
  const relation = (id: string, of: string, target: string) =>
    `<Relationship Id="${id}" Type="${relations}/${of}" Target="${target}"/>`
  const sheetNames = numbers
    .map((at) => `<sheet name="Result${at > 1 ? ` ${at}` : ''}" sheetId="${at}" r:id="s${at}"/>`)
    .join('')
  return [
    [
      'xl/workbook.xml',
      `<workbook xmlns="${main}" xmlns:r="${relations}"><sheets>${sheetNames}</sheets></workbook>`,
    ],
    [
      'xl/_rels/workbook.xml.rels',
      `<Relationships xmlns="${packages}/relationships">${numbers
        .map((at) => relation(`s${at}`, 'worksheet', `worksheets/sheet${at}.xml`))
        .join('')}${relation('styles', 'styles', 'styles.xml')}</Relationships>`,
    ],
    ['xl/styles.xml', styles],
    [
      '_rels/.rels',
      `<Relationships xmlns="${packages}/relationships">${relation('book', 'officeDocument', 'xl/workbook.xml')}</Relationships>`,
    ],
    [
      '[Content_Types].xml',
      `<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${part('workbook.xml', 'sheet.main')}${part('styles.xml', 'styles')}${numbers.map((at) => part(`worksheets/sheet${at}.xml`, 'worksheet')).join('')}</Types>`,
    ],
  ]
}

// Formats by number: as it is, date, timestamp, head.
const styles = `<styleSheet xmlns="${main}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/><numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd hh:mm:ss.000"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`

const tooLong = (row: number, column: string, length: number) =>
  refuse(
    `Row ${row.toLocaleString('en-US')} holds a text of ${length.toLocaleString('en-US')} characters in ${column}`,
    `A cell takes ${sheetLimits.characters.toLocaleString('en-US')}: write CSV, or ask for left(${column}, ${sheetLimits.characters}).`,
  )

const refuse = (message: string, next: string) => new AtlasError('UNSUPPORTED', message, { next })
