import { AtlasError } from '../errors.ts'
import { parseStatements } from '../sqlParse.ts'
import { placeOf } from '../sqlText.ts'
import { blockedBy, type Effects, effectsOf, strongest } from './effects.ts'
import type { MigrationFile } from './files.ts'
import { lintStatements } from './lint.ts'
import type { MigrationOptions } from './options.ts'
import { cutScript } from './prepare.ts'
import type { Finding, PlannedStatement } from './report.contract.ts'

/** What the catalogue knows of a table. */
export interface TableFacts {
  rows: number
  sizeBytes: number
}

export interface Analysed {
  statements: PlannedStatement[]
  findings: Finding[]
  fault: { code: string; message: string; object?: string | undefined; next?: string | undefined } | null
  /** The tables that it makes. */
  creates: string[]
}

interface Parsed {
  line: number
  endLine: number
  text: string
  kind: string | null
  effects: Effects
}

/** A file as the parser reads it, before anything is known of the tables. */
export interface ReadScript {
  fileName: string
  text: string
  options: MigrationOptions
  parsed: Parsed[]
  tables: string[]
  lint: (facts: ReadonlyMap<string, TableFacts>, isNew: (table: string) => boolean) => Finding[]
  fault: Analysed['fault']
}

/** Parses a script. What PostgreSQL's parser refuses is still cut into statements, and the fault says why. */
export async function readScript(
  text: string,
  { fileName, options }: Pick<MigrationFile, 'fileName' | 'options'>,
): Promise<ReadScript> {
  try {
    const statements = await parseStatements(text)
    const read = statements.map((statement) => ({ statement, effects: effectsOf(statement) }))
    const lineOf = lines(text)
    const fault = faultOf(() => cutScript(text, fileName))
    return {
      fileName,
      text,
      options,
      parsed: read.map(({ statement, effects }) => ({
        line: lineOf(statement.start),
        endLine: lineOf(statement.end),
        text: statement.text,
        kind: statement.kind,
        effects,
      })),
      tables: [...new Set(read.flatMap(({ effects }) => [...effects.locks.keys()]))],
      lint: (facts, isNew) =>
        lintStatements(text, read, { options, isNew, rowsOf: (table) => facts.get(table)?.rows }),
      fault,
    }
  } catch (error) {
    const { line, column } = placeOf(
      text,
      (error instanceof AtlasError ? (error.fault.position ?? 1) : 1) - 1,
    )
    const fault = describe(error, `${fileName}:${line}:${column}`)
    return { fileName, text, options, parsed: [], tables: [], lint: () => [], fault }
  }
}

/** Joins what was read with what the catalogue knows. `made` are the tables that earlier files of the plan make. */
export function analyse(
  script: ReadScript,
  facts: ReadonlyMap<string, TableFacts>,
  made: ReadonlySet<string>,
): Analysed {
  const own = new Set<string>()
  const creates = new Set(script.parsed.flatMap(({ effects }) => effects.creates))
  const isNew = (table: string) => made.has(table) || own.has(table)
  const statements = script.parsed.map(({ effects, text, ...rest }): PlannedStatement => {
    const old = [...effects.locks].filter(([table]) => !isNew(table))
    for (const table of effects.creates) own.add(table)
    const lock = strongest(old.map(([, level]) => level))
    return {
      ...rest,
      text: text.slice(0, 4000),
      summary: summarise(text),
      lock,
      blocks: blockedBy(lock),
      tables: old.map(([name]) => ({
        name,
        rows: facts.get(name)?.rows ?? null,
        sizeBytes: facts.get(name)?.sizeBytes ?? null,
      })),
      isRewrite: effects.isRewrite && old.length > 0,
      isScan: effects.isScan && old.length > 0,
      isIrreversible: effects.isIrreversible && (old.length > 0 || effects.locks.size === 0),
    }
  })
  // A table that the same file makes is new to all of its statements: nobody sees it before the commit.
  const findings = script.lint(facts, (table) => made.has(table) || creates.has(table))
  return { statements, findings, fault: script.fault, creates: [...creates] }
}

/** Its first words on one line. */
export function summarise(text: string): string {
  const words = text.slice(0, 400).replaceAll(/\s+/g, ' ')
  return words.length > 90 ? `${words.slice(0, 89)}…` : words
}

function faultOf(read: () => unknown): Analysed['fault'] {
  try {
    read()
    return null
  } catch (error) {
    return describe(error)
  }
}

function describe(error: unknown, object?: string): Analysed['fault'] {
  if (!(error instanceof AtlasError)) throw error
  return {
    code: error.code,
    message: error.message,
    object: object ?? error.fault.object,
    next: error.fault.next ?? 'Correct the file.',
  }
}

/** From an offset to its line; ascending offsets cost one pass. */
function lines(text: string): (offset: number) => number {
  let [at, line] = [0, 1]
  return (offset) => {
    if (offset < at) [at, line] = [0, 1]
    for (let next = text.indexOf('\n', at); next !== -1 && next < offset; next = text.indexOf('\n', at)) {
      at = next + 1
      line++
    }
    return line
  }
}
