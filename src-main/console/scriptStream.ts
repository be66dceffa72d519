import { AtlasError } from '../errors.ts'
import { cutScript, type ScriptPiece, standardStringsAfter } from '../sqlScript.ts'
import { UnterminatedError } from '../sqlText.ts'

/** A piece of a script that is read as it runs: the rows of a COPY come as they are read. */
export interface StreamedPiece extends ScriptPiece {
  rows?: AsyncIterable<string>
}

const readAhead = 256 * 1024
const maxStatement = 64 * 1024 * 1024
const dataEnd = /^\\\.\r?(?:\n|$)/m

/**
 * Cuts a script of any length while it is read, holding no more than a few statements. Lines count in the whole script.
 * Throws `SYNTAX_ERROR` for what is opened and never closed, `UNSUPPORTED` for a statement of more than 64 MiB.
 */
export async function* cutStream(chunks: AsyncIterable<string>): AsyncGenerator<StreamedPiece> {
  const source = chunks[Symbol.asyncIterator]()
  let text = ''
  let lines = 0
  let isEnded = false
  let hasStandardStrings = true
  const pull = async () => {
    const { done, value } = await source.next()
    if (done) isEnded = true
    else text += value
  }
  const drop = (length: number) => {
    lines += countLines(text, length)
    text = text.slice(length)
  }

  async function* dataRows(): AsyncGenerator<string> {
    for (;;) {
      const found = dataEnd.exec(text)
      if (found && (isEnded || found[0].endsWith('\n'))) {
        const rows = text.slice(0, found.index)
        drop(found.index + found[0].length)
        if (rows !== '') yield rows
        return
      }
      const whole = text.lastIndexOf('\n') + 1
      const rows = text.slice(0, whole)
      // A line that may be the end of the data is not given out before its own end is seen.
      if (rows !== '' && !found) {
        drop(whole)
        yield rows
      }
      if (isEnded) throw open(new UnterminatedError('data of COPY', { line: lines + 1, column: 1 }))
      await pull()
    }
  }

  for (let enough = readAhead; ; ) {
    while (!isEnded && text.length < enough) await pull()
    let used = 0
    let data: AsyncGenerator<string> | undefined
    try {
      for (const piece of cutScript(text, { isPartial: !isEnded, hasStandardStrings })) {
        hasStandardStrings = standardStringsAfter(piece.text, hasStandardStrings)
        const placed = { ...piece, line: piece.line + lines }
        if (piece.data) {
          drop(piece.data.start)
          data = dataRows()
          yield { ...placed, rows: data }
          break
        }
        used = piece.next
        yield placed
      }
    } catch (error) {
      if (!(error instanceof UnterminatedError)) throw error
      throw open(new UnterminatedError(error.construct, { ...error, line: error.line + lines }))
    }
    if (data) {
      // What nobody read is passed over.
      for await (const _rows of data);
      enough = readAhead
      continue
    }
    if (isEnded) return
    drop(used)
    if (used === 0 && text.length > maxStatement) {
      throw new AtlasError('UNSUPPORTED', `The statement at line ${lines + 1} is longer than 64 MiB`, {
        object: `line ${lines + 1}`,
        next: 'Load its rows with COPY, or cut it into several statements.',
      })
    }
    // What is still open is read again with twice as much, so that a long statement is not read once a chunk.
    enough = used === 0 ? text.length * 2 : text.length + readAhead
  }
}

function open({ message, line, column }: UnterminatedError): AtlasError {
  return new AtlasError('SYNTAX_ERROR', message, {
    object: `line ${line}, column ${column}`,
    next: 'Close it, then run again.',
  })
}

function countLines(text: string, length: number): number {
  let lines = 0
  for (let at = text.indexOf('\n'); at !== -1 && at < length; at = text.indexOf('\n', at + 1)) lines++
  return lines
}
