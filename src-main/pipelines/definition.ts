import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { z } from 'zod'
import { AtlasError } from '../errors.ts'

const key = z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/, 'is lower case letters, digits, _ and -')
const name = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, 'is lower case letters, digits and _')

const parameterSchema = z.strictObject({
  type: z.enum(['string', 'number', 'boolean', 'date']),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  description: z.string().default(''),
})

export type Parameter = z.infer<typeof parameterSchema>

/** How one column of the raw record becomes a field of the validated one, and what it must satisfy. */
const fieldSchema = z.strictObject({
  from: z.string().min(1),
  type: z.enum(['text', 'integer', 'number', 'date', 'timestamp']),
  /** Of dates and timestamps, in the words of PostgreSQL's to_timestamp: YYYY MM DD HH24 MI SS. */
  format: z.string().optional(),
  required: z.boolean().default(false),
  unique: z.boolean().default(false),
  pattern: z.string().optional(),
  in: z.array(z.string()).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  /** Texts that stand for no value. */
  empty: z.array(z.string()).default([]),
  /** `reject` keeps the record out of navigate; `flag` lets it pass, marked. */
  severity: z.enum(['reject', 'flag']).default('reject'),
})

export type Field = z.infer<typeof fieldSchema>

const common = {
  id: key,
  /** Tasks that must have succeeded, beside those that the task reads from. */
  after: z.array(key).default([]),
  attempts: z.number().int().min(1).max(20).default(3),
  timeoutSeconds: z.number().int().min(1).max(604_800).default(3600),
}

const taskSchema = z.discriminatedUnion('kind', [
  z.strictObject({ ...common, kind: z.literal('land'), source: name, file: z.string().min(1) }),
  z.strictObject({
    ...common,
    kind: z.literal('validate'),
    batch: key,
    record: name,
    fields: z.record(name, fieldSchema),
    /** More rejected records than this fail the task. */
    rejectAtMostPercent: z.number().min(0).max(100).default(100),
  }),
  z.strictObject({ ...common, kind: z.literal('dimension'), records: key, dimension: name, key: name }),
  z.strictObject({
    ...common,
    kind: z.literal('fact'),
    records: key,
    fact: z.string().regex(/^[a-z][a-z0-9_]{0,40}$/),
    event: name,
    measures: z.array(name).default([]),
    dimensions: z.array(name).default([]),
  }),
])

export type Task = z.infer<typeof taskSchema>
export type TaskOf<Kind extends Task['kind']> = Extract<Task, { kind: Kind }>

const definitionSchema = z.strictObject({
  name: key,
  description: z.string().default(''),
  owner: z.string().min(1),
  parameters: z.record(name, parameterSchema).default({}),
  tasks: z.array(z.unknown()).min(1),
})

/** A pipeline as it was written: tasks may hold `${parameter}`. */
export type Definition = z.infer<typeof definitionSchema>

/** A pipeline ready to run: parameters filled in, every task checked. */
export interface BoundDefinition {
  parameters: Record<string, string | number | boolean>
  tasks: Task[]
}

/** Reads a definition. Throws `PIPELINE_INVALID` with the line of what is wrong; defaults are checked by filling them in. */
export function parseDefinition(text: string, fileName: string): Definition {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const syntax = document.errors[0]
  if (syntax)
    throw invalid(syntax.message.split('\n')[0] ?? 'no YAML', fileName, lines.linePos(syntax.pos[0]).line)
  const parsed = definitionSchema.safeParse(document.toJS())
  const lineOf = (path: PropertyKey[]) => lineOfPath(document.contents, path, lines)
  if (!parsed.success) throw fromIssue(parsed.error.issues[0], fileName, lineOf)
  bindParameters(parsed.data, {}, { fileName, lineOf, isSample: true })
  return parsed.data
}

interface Source {
  fileName: string
  lineOf?: (path: PropertyKey[]) => number | undefined
  /** Parameters without a default get a value of their type: only the shape is checked. */
  isSample?: boolean
}

/** Fills the parameters in and checks every task. Throws `PIPELINE_INVALID` or `INPUT_INVALID`. */
export function bindParameters(
  definition: Definition,
  given: Record<string, unknown>,
  source: Source,
): BoundDefinition {
  const unknown = Object.keys(given).find((parameter) => !(parameter in definition.parameters))
  if (unknown) {
    throw new AtlasError('INPUT_INVALID', `The pipeline has no parameter ${unknown}`, {
      object: definition.name,
      saved: 'No run was started.',
      next: `It knows ${Object.keys(definition.parameters).join(', ') || 'none'}.`,
    })
  }
  const parameters = Object.fromEntries(
    Object.entries(definition.parameters).map(([parameter, declared]) => [
      parameter,
      coerce(
        parameter,
        declared,
        given[parameter] ?? declared.default ?? (source.isSample ? samples[declared.type] : undefined),
      ),
    ]),
  )
  const tasks = definition.tasks.map((task, index) => {
    const parsed = taskSchema.safeParse(substitute(task, parameters))
    if (parsed.success) return parsed.data
    const issue = parsed.error.issues[0]
    throw fromIssue(
      issue && { ...issue, path: ['tasks', index, ...issue.path] },
      source.fileName,
      source.lineOf,
    )
  })
  checkGraph(tasks, source)
  return { parameters, tasks }
}

/** The tasks that one waits for: those that it reads from and those that it names. */
export function dependenciesOf(task: Task): string[] {
  const read = task.kind === 'validate' ? [task.batch] : task.kind === 'land' ? [] : [task.records]
  return [...new Set([...read, ...task.after])]
}

const samples = { string: 'text', number: 1, boolean: true, date: '2026-01-01' }

function coerce(parameter: string, { type }: Parameter, value: unknown): string | number | boolean {
  const text = String(value)
  if (value === undefined || value === '') throw badParameter(parameter, 'has no value')
  if (type === 'number') {
    if (!Number.isFinite(Number(text))) throw badParameter(parameter, 'is no number')
    return Number(text)
  }
  if (type === 'boolean') {
    if (text !== 'true' && text !== 'false') throw badParameter(parameter, 'is neither true nor false')
    return text === 'true'
  }
  if (type === 'date' && !/^\d{4}-\d\d-\d\d$/.test(text))
    throw badParameter(parameter, 'is no date such as 2026-01-31')
  return text
}

function badParameter(parameter: string, problem: string): AtlasError {
  return new AtlasError('INPUT_INVALID', `The parameter ${parameter} ${problem}`, {
    object: parameter,
    saved: 'No run was started.',
    next: 'Give it another value.',
  })
}

/** `${name}` alone becomes the value with its type; inside a text, its text. */
function substitute(value: unknown, parameters: Record<string, string | number | boolean>): unknown {
  if (typeof value === 'string') {
    const whole = /^\$\{(\w+)\}$/.exec(value)?.[1]
    if (whole !== undefined && whole in parameters) return parameters[whole]
    return value.replaceAll(/\$\{(\w+)\}/g, (text, parameter: string) =>
      String(parameters[parameter] ?? text),
    )
  }
  if (Array.isArray(value)) return value.map((item) => substitute(item, parameters))
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, substitute(item, parameters)]),
    )
  }
  return value
}

/** Every task waits for tasks that exist, of the kind that it reads, and none for itself. */
function checkGraph(tasks: Task[], { fileName, lineOf }: Source) {
  const byId = new Map(tasks.map((task) => [task.id, task]))
  for (const [index, task] of tasks.entries()) {
    const line = lineOf?.(['tasks', index])
    if (byId.get(task.id) !== task) throw invalid(`two tasks are called ${task.id}`, fileName, line)
    const missing = dependenciesOf(task).find((other) => !byId.has(other))
    if (missing) throw invalid(`${task.id} waits for ${missing}, which does not exist`, fileName, line)
    if (task.kind === 'validate' && byId.get(task.batch)?.kind !== 'land') {
      throw invalid(`${task.id} validates ${task.batch}, which lands nothing`, fileName, line)
    }
    if ((task.kind === 'dimension' || task.kind === 'fact') && byId.get(task.records)?.kind !== 'validate') {
      throw invalid(`${task.id} publishes ${task.records}, which validates nothing`, fileName, line)
    }
  }
  const done = new Set<string>()
  const visit = (id: string, path: string[]) => {
    if (done.has(id)) return
    if (path.includes(id))
      throw invalid(`these tasks wait for each other: ${[...path, id].join(' → ')}`, fileName)
    const task = byId.get(id)
    for (const other of task ? dependenciesOf(task) : []) visit(other, [...path, id])
    done.add(id)
  }
  for (const id of byId.keys()) visit(id, [])
}

function fromIssue(
  issue: { path: PropertyKey[]; message: string } | undefined,
  fileName: string,
  lineOf: ((path: PropertyKey[]) => number | undefined) | undefined,
): AtlasError {
  const path = issue?.path ?? []
  return invalid(
    `${path.map(String).join('.') || 'the definition'}: ${issue?.message}`,
    fileName,
    lineOf?.(path),
  )
}

function invalid(problem: string, fileName: string, line?: number): AtlasError {
  return new AtlasError('PIPELINE_INVALID', `The definition is not valid: ${problem}`, {
    object: line === undefined ? fileName : `${fileName}:${line}`,
    saved: 'The pipeline was left as it was.',
    next: 'Correct the file and try again.',
  })
}

/** The line of the deepest node on a path. */
function lineOfPath(root: unknown, path: PropertyKey[], lines: LineCounter): number | undefined {
  let node = root as Node | null | undefined
  let line: number | undefined
  for (const step of path) {
    const next: unknown =
      isMap(node) || isSeq(node) ? node.get(typeof step === 'symbol' ? '' : step, true) : undefined
    if (!next) break
    node = next as Node
    if ((isMap(node) || isSeq(node) || isScalar(node)) && node.range) line = lines.linePos(node.range[0]).line
  }
  return line
}
