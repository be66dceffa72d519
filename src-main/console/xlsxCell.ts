/** What a sheet of Excel holds at most: https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3 */
export const sheetLimits = { rows: 1_048_576, columns: 16_384, characters: 32_767 }

/** Digits that a number of Excel keeps. */
const exactDigits = 15
const dayMs = 86_400_000
/** Serial day 0 of Excel, which takes 1900 for a leap year: right from the first of March 1900 on. */
const dayZero = Date.UTC(1899, 11, 30)
const firstRightDay = Date.UTC(1900, 2, 1)

// Numbers of the formats in the style sheet of `xlsx.ts`.
const dateStyle = 1
const timestampStyle = 2
export const headStyle = 3

/** A cell of SpreadsheetML (ECMA-376, part 1, 18.3.1.4) at a place such as `B7`; nothing for NULL. */
export type WriteCell = (place: string, text: string) => string

const decimal = /^-?(\d+)(?:\.(\d+))?$/
const instant = /^(\d{4})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.(\d{1,3}))?)?$/

/**
 * How values of a type are written. Numbers that Excel would round, times with a zone or with microseconds, `NaN`, infinities and
 * years that it does not know stay the exact text that the server sent.
 */
export function cellWriter(type: string): WriteCell {
  switch (type) {
    case 'int2':
    case 'int4':
      return number
    case 'int8':
    case 'numeric':
      return (place, text) => (isExact(text) ? number(place, text) : textCell(place, text))
    case 'float4':
    case 'float8':
      return (place, text) => (Number.isFinite(Number(text)) ? number(place, text) : textCell(place, text))
    case 'bool':
      return (place, text) => `<c r="${place}" t="b"><v>${text === 't' ? 1 : 0}</v></c>`
    case 'date':
    case 'timestamp': {
      const style = type === 'date' ? dateStyle : timestampStyle
      return (place, text) => {
        const serial = serialOf(text)
        return serial === undefined
          ? textCell(place, text)
          : `<c r="${place}" s="${style}"><v>${serial}</v></c>`
      }
    }
    default:
      return textCell
  }
}

const number: WriteCell = (place, text) => `<c r="${place}"><v>${text}</v></c>`

/** Text as text: what begins with `=` is no formula. */
export function textCell(place: string, text: string, style = 0): string {
  const styled = style === 0 ? '' : ` s="${style}"`
  return `<c r="${place}"${styled} t="inlineStr"><is><t xml:space="preserve">${escapeXml(text)}</t></is></c>`
}

function isExact(text: string): boolean {
  const [, whole, fraction = ''] = decimal.exec(text) ?? []
  if (whole === undefined) return false
  return `${whole}${fraction}`.replace(/^0+/, '').length <= exactDigits
}

function serialOf(text: string): number | undefined {
  const [, year, month, day, hour = 0, minute = 0, second = 0, fraction = '0'] = instant.exec(text) ?? []
  if (!year) return undefined
  const at = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  )
  return at < firstRightDay ? undefined : (at + Number(fraction.padEnd(3, '0')) - dayZero) / dayMs
}

// What XML cannot hold is written `_xHHHH_` (ECMA-376, part 1, 22.9.2.19), and so is what would be read as that.
const unfit = /(?![\t\n])[\p{Cc}\ufffe\uffff]/gu
const special: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

function escapeXml(text: string): string {
  return text
    .replaceAll(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replaceAll(unfit, (one) => `_x${one.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`)
    .replaceAll(/[&<>]/g, (one) => special[one] ?? one)
}

/** `A` to `XFD`. */
export function columnLetters(column: number): string {
  const rest = column % 26
  const before = (column - rest) / 26
  return `${before > 0 ? columnLetters(before - 1) : ''}${String.fromCharCode(65 + rest)}`
}
