import { readFileSync, writeFileSync } from 'node:fs'

const rowsAStep = 64
const stepsAPage = 8192
const headNumbers = 2

/** Where every 64th row of a spool begins, in pages that never move: an eighth of a byte a row. */
export interface RowIndex {
  /** Rows that have begun. */
  readonly begun: number
  /** Where the row that began last ends. */
  readonly end: number
  /** Notes that a row of so many bytes begins where the last one ends. */
  add(sizeBytes: number): void
  /** The step that a row lies in: its first row, and where that begins. */
  stepOf(row: number): { row: number; offset: number }
  /** The last rows that lie before an offset as whole steps. */
  rowsBefore(offset: number): number
  /** Writes it beside the rows, so that they need not be walked again. */
  save(path: string): void
}

/** An index of nothing yet, or the one that `save` wrote. */
export function createRowIndex(saved?: string): RowIndex {
  const steps: Float64Array[] = []
  let begun = 0
  let end = 0
  const at = (step: number) => steps[Math.floor(step / stepsAPage)]?.[step % stepsAPage] ?? 0
  const put = (step: number, offset: number) => {
    if (step % stepsAPage === 0) steps.push(new Float64Array(stepsAPage))
    const page = steps[Math.floor(step / stepsAPage)]
    if (page) page[step % stepsAPage] = offset
  }
  if (saved !== undefined) {
    const bytes = readFileSync(saved)
    const numbers = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
    ;[begun = 0, end = 0] = numbers
    for (const [step, offset] of numbers.subarray(headNumbers).entries()) put(step, offset)
  }
  return {
    get begun() {
      return begun
    },
    get end() {
      return end
    },
    add: (sizeBytes) => {
      if (begun % rowsAStep === 0) put(begun / rowsAStep, end)
      begun++
      end += sizeBytes
    },
    stepOf: (row) => ({ row: row - (row % rowsAStep), offset: at(Math.floor(row / rowsAStep)) }),
    rowsBefore: (offset) => {
      let step = Math.max(0, Math.floor((begun - 1) / rowsAStep))
      while (step > 0 && at(step) > offset) step--
      return step * rowsAStep
    },
    save: (path) => {
      const count = Math.ceil(begun / rowsAStep)
      const numbers = new Float64Array(headNumbers + count)
      numbers.set([begun, end])
      for (let step = 0; step < count; step++) numbers[headNumbers + step] = at(step)
      writeFileSync(path, new Uint8Array(numbers.buffer), { mode: 0o600 })
    },
  }
}
