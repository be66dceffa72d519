import { isMap, isScalar, isSeq, type Node } from 'yaml'
import type { Path } from '../compose/composeFile.ts'
import type { LoadedStack } from '../compose/project.ts'
import { valueAt } from '../compose/tree.ts'
import { isMapping } from '../compose/values.ts'
import {
  type FormField,
  type FormFieldName,
  type FormNote,
  type FormRow,
  formFieldNames,
  type ServiceForm,
} from '../formContract.ts'
import { namesOf, placeOf, writtenText } from './apply.ts'
import { placesOf, type RowShape, rowShapes } from './fields.ts'
import { fillIn, isSecretText } from './filled.ts'
import { type FormFile, noteOfOther } from './notes.ts'
import type { Cells } from './shortRows.ts'
import { nodeAt } from './yamlEdit.ts'

export interface FormContext {
  stack: Pick<LoadedStack, 'variables' | 'origins' | 'model' | 'disabled'>
  file: FormFile
  /** The other files of the stack; of two the later one wins. */
  others: { file: FormFile; isLater: boolean }[]
}

/** What a file says of a service, each value as it was written, with what it becomes and why it cannot be changed. */
export function describeService(context: FormContext, service: string): ServiceForm {
  return {
    service,
    notes: notesOf(context.file, service),
    fields: formFieldNames.map((name) => describeField(context, service, name)),
  }
}

function notesOf(file: FormFile, service: string): FormNote[] {
  const services = nodeAt(file.root, ['services'])
  const names = isMap(services) ? namesOf(services) : []
  const note = (message: string, path: Path): FormNote[] => {
    const line = file.lineOfKey(path)
    return line === undefined ? [] : [{ message, file: file.path, line, isLocked: false }]
  }
  const extending = names.filter((name) => baseOf(file, name) === service)
  return [
    ...(baseOf(file, service) === undefined
      ? []
      : note(`What is not set here comes from ${baseOf(file, service)}, which it extends`, [
          'services',
          service,
          'extends',
        ])),
    ...extending.flatMap((name) =>
      note(`${name} extends this service: a change here is one there too`, ['services', name, 'extends']),
    ),
  ]
}

function baseOf(file: FormFile, service: string): string | undefined {
  const node = nodeAt(file.root, ['services', service, 'extends'])
  if (isScalar(node)) return String(node.value)
  return isMap(node) ? String(node.get('service')) : undefined
}

function describeField(context: FormContext, service: string, name: FormFieldName): FormField {
  const { file, others } = context
  const path = placeOf(file.root, service, name)
  const node = nodeAt(file.root, path)
  const shape = rowShapes[name]
  const lock = file.lockAt(path) ?? replacedWhole(context, service, name)
  const kind = shape ? 'rows' : name === 'profiles' || isSeq(node) ? 'lines' : 'text'
  const field = { name, kind, line: file.lineOfKey(path) ?? null } as const
  const places = placesOf[name].map((steps): Path => ['services', service, ...steps])
  const other = (isWinner: boolean) =>
    others
      .flatMap(({ file: one, isLater }) =>
        places.flatMap(
          (at) => noteOfOther(one, one.lineOfKey(at), isLater && isWinner, shownAt(one, at)) ?? [],
        ),
      )
      .at(-1) ?? null
  if (node === undefined || node === null) {
    const written = valueAt(file.value, path)
    const merge = written === undefined ? null : (lock ?? file.mergeAt(path))
    if (merge) return { ...field, note: merge, rows: rowsOfValue(context, shape, written, merge) }
    return {
      ...field,
      note: lock ?? other(!shape && name !== 'profiles') ?? extended(context, service, path),
      rows: [],
    }
  }
  if (shape) {
    const rows = [...ownRows(context, path, node, shape), ...mergedRows(context, path, node, shape)]
    return { ...field, note: lock ?? (isMap(node) ? null : other(false)), rows }
  }
  const text = textOf(node)
  const note = lock ?? (name === 'profiles' ? null : other(true))
  return {
    ...field,
    rows: [makeRow(context, { text: text ?? '' }, file.linesOf(node))],
    note: note?.isLocked || text !== undefined ? note : severalLines(file, path),
  }
}

/** A later file puts its own in the place of the whole field, or takes it away. */
function replacedWhole({ others }: FormContext, service: string, name: FormFieldName): FormNote | null {
  for (const { file, isLater } of others.toReversed()) {
    for (const steps of isLater ? placesOf[name] : []) {
      const path = ['services', service, ...steps]
      const tag = nodeAt(file.root, path)?.tag
      if (tag === '!override' || tag === '!reset') return noteOfOther(file, file.lineOfKey(path), true, tag)
    }
  }
  return null
}

const severalLines = (file: FormFile, path: Path): FormNote => ({
  message: 'It has several lines',
  file: file.path,
  line: file.lineOfKey(path) ?? 1,
  isLocked: true,
})

/** The text of a value, the entries of a list a line each. Undefined where one has lines of its own. */
function textOf(node: Node): string | undefined {
  const items = isSeq(node) ? node.items : [node]
  const texts = items.map((item) => (isScalar(item) ? writtenText(item) : undefined))
  return texts.some((text) => text === undefined || text.includes('\n')) ? undefined : texts.join('\n')
}

function shownAt(file: FormFile, path: Path): string {
  const value = valueAt(file.value, path)
  return Array.isArray(value) || isMapping(value) || value === undefined ? '' : String(value)
}

/** The base of a service has a value that the service itself does not write. */
function extended({ stack, file }: FormContext, service: string, path: Path): FormNote | null {
  const line = file.lineOfKey(['services', service, 'extends'])
  const model: unknown = stack.model?.services[service] ?? stack.disabled[service]
  const value = valueAt(model, path.slice(2))
  if (line === undefined || value === undefined || value === null) return null
  return {
    message: `It comes from ${baseOf(file, service)} by extends`,
    file: file.path,
    line,
    isLocked: true,
  }
}

function makeRow(
  { stack }: FormContext,
  cells: Cells,
  place: { line: number; endLine: number } | null,
  note: FormNote | null = null,
): FormRow {
  const filled = Object.entries(cells).flatMap(([cell, text]) => {
    const becomes = fillIn(text, stack)
    return becomes ? [[cell, becomes] as const] : []
  })
  return {
    cells,
    filled: Object.fromEntries(filled),
    isSecret: isSecretText(cells.name ?? '', cells.value ?? ''),
    line: place?.line ?? null,
    endLine: place?.endLine ?? null,
    note,
  }
}

function ownRows(context: FormContext, path: Path, node: Node, shape: RowShape): FormRow[] {
  const { file } = context
  if (isMap(node)) {
    return namesOf(node).map((name) => {
      const at = [...path, name]
      const value = node.get(name, true) as Node | undefined
      const line = file.lineOfKey(at) ?? 1
      const isLong = isScalar(value) && typeof value.value === 'string' && value.value.includes('\n')
      const note =
        file.lockAt(at) ?? winner(context, path, shape, name) ?? (isLong ? severalLines(file, at) : null)
      const endLine =
        value && isScalar(value) && value.value === null ? line : value ? file.linesOf(value).endLine : line
      return makeRow(
        context,
        namedCells(shape, name, valueAt(file.value, at), value),
        { line, endLine },
        note,
      )
    })
  }
  if (!isSeq(node)) return []
  return node.items.map((item, index) => {
    const entry = item as Node
    const cells = isScalar(entry)
      ? shape.read(writtenText(entry))
      : longCells(shape, valueAt(file.value, [...path, index]))
    const lock = file.lockAt([...path, index])
    return makeRow(
      context,
      cells,
      file.linesOf(entry),
      lock ??
        winner(context, path, shape, cells[shape.key] ?? '') ??
        rest(file, [...path, index], shape, entry),
    )
  })
}

/** What the long form says beside the cells; it stays as it is. */
function rest(file: FormFile, path: Path, shape: RowShape, entry: Node): FormNote | null {
  if (!isMap(entry)) return null
  const shown = new Set([...Object.values(shape.long), 'type', 'read_only'])
  const others = namesOf(entry).filter((name) => !shown.has(name))
  if (others.length === 0) return null
  const line = file.lineOfKey([...path, others[0] ?? '']) ?? file.linesOf(entry).line
  return { message: `It also says ${others.join(', ')}, which stays`, file: file.path, line, isLocked: false }
}

/** A later file has an entry of the same key, which is taken. */
function winner({ others }: FormContext, path: Path, shape: RowShape, key: string): FormNote | null {
  if (!shape.isUnique) return null
  const notes = others.flatMap(({ file, isLater }) => {
    const node = nodeAt(file.root, path)
    const item = isSeq(node)
      ? node.items.find((one) => isScalar(one) && shape.read(writtenText(one))[shape.key] === key)
      : undefined
    const line = item ? file.linesOf(item as Node).line : file.lineOfKey([...path, key])
    const says = shownAt(file, [...path, key])
    return isLater ? (noteOfOther(file, line, true, isSecretText(key, says) ? '' : says) ?? []) : []
  })
  return notes.at(-1) ?? null
}

function namedCells(shape: RowShape, name: string, value: unknown, node?: unknown): Cells {
  if (shape.key === 'service')
    return { service: name, condition: isMapping(value) ? 'service_started' : '', ...longCells(shape, value) }
  if (value === null || value === undefined) return { name }
  return { name, value: isScalar(node) ? writtenText(node) : String(value) }
}

function longCells(shape: RowShape, value: unknown): Cells {
  if (!isMapping(value)) return {}
  const cells = Object.entries(shape.long).flatMap(([cell, key]): [string, string][] =>
    value[key] === undefined || value[key] === null ? [] : [[cell, String(value[key])]],
  )
  return {
    ...Object.fromEntries(cells),
    ...(shape.long.source && value.read_only === true && { options: 'ro' }),
  }
}

/** Entries that a merge lays under a mapping's own. */
function mergedRows(context: FormContext, path: Path, node: Node, shape: RowShape): FormRow[] {
  const value = valueAt(context.file.value, path)
  if (!isMap(node) || !isMapping(value)) return []
  const own = new Set(namesOf(node))
  return Object.entries(value).flatMap(([name, item]) =>
    own.has(name)
      ? []
      : [makeRow(context, namedCells(shape, name, item), null, context.file.mergeAt([...path, name]))],
  )
}

/** What another place of the file brings, to be seen and not to be changed. */
function rowsOfValue(
  context: FormContext,
  shape: RowShape | undefined,
  value: unknown,
  note: FormNote,
): FormRow[] {
  if (!shape)
    return [makeRow(context, { text: Array.isArray(value) ? value.join('\n') : String(value ?? '') }, null)]
  if (isMapping(value))
    return Object.entries(value).map(([name, item]) =>
      makeRow(context, namedCells(shape, name, item), null, note),
    )
  if (!Array.isArray(value)) return []
  return value.map((item: unknown) =>
    makeRow(context, isMapping(item) ? longCells(shape, item) : shape.read(String(item)), null, note),
  )
}
