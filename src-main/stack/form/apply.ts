import { isAlias, isMap, isScalar, isSeq, type Node, Scalar, type YAMLMap, type YAMLSeq } from 'yaml'
import { type Path, readOnce } from '../compose/composeFile.ts'
import { isFolder } from '../compose/shortForms.ts'
import type { FormFieldName } from '../formContract.ts'
import { numeric, placesOf, type RowShape, rowShapes, truths } from './fields.ts'
import { UneditableError } from './places.ts'
import type { Cells } from './shortRows.ts'
import { insertAt, nodeAt, renameAt, setAt, setListAt } from './yamlEdit.ts'

export interface FormEdit {
  service: string
  field: FormFieldName
  /** Of a field with rows, the one that is meant; beyond the last it is a new one. */
  row: number
  /** The cells that change, others stay; null removes the entry. */
  cells: Cells | null
}

/** The text of a compose file with one value of a service changed. Throws `UneditableError` where that reaches further. */
export function applyEdit(text: string, { service, field, row, cells }: FormEdit): string {
  const root = readOnce(text).document.contents
  const path = placeOf(root, service, field)
  const node = nodeAt(root, path)
  if (isAlias(node)) throw new UneditableError(`it is *${node.source}, which stands elsewhere`)
  const shape = rowShapes[field]
  if (shape) return applyRow(text, { path, node, shape, row, cells })
  const value = cells?.text ?? ''
  if (isSeq(node) || field === 'profiles') {
    const items = value.split('\n')
    while (items.at(-1) === '') items.pop()
    return setListAt(text, path, items)
  }
  if (isScalar(node) && writtenText(node) === value) return text
  return setAt(text, path, value === '' ? undefined : natural(value, node, String(path.at(-1))))
}

/** Where a field of a service stands in this file, or would. */
export function placeOf(root: Node | null, service: string, field: FormFieldName): Path {
  const places = placesOf[field].map((steps) => ['services', service, ...steps])
  return places.find((path) => nodeAt(root, path) !== undefined) ?? places[0] ?? []
}

/** The names of a mapping's own entries, without what it merges. */
export function namesOf(node: YAMLMap): string[] {
  // The key of a merge, `<<`, is a symbol.
  return node.items.flatMap(({ key }) =>
    isScalar(key) && typeof key.value !== 'symbol' ? [String(key.value)] : [],
  )
}

/** What is written plain as a number stays one, what is true or false is that; all else is a text. */
function natural(text: string, node: unknown, key: string): string | number | boolean {
  if (truths.has(key) && (text === 'true' || text === 'false')) return text === 'true'
  const isQuoted = isScalar(node) && (node.type === Scalar.QUOTE_DOUBLE || node.type === Scalar.QUOTE_SINGLE)
  const isNumber = numeric.has(key) || (isScalar(node) && typeof node.value === 'number')
  return isNumber && !isQuoted && String(Number(text)) === text ? Number(text) : text
}

interface RowEdit {
  path: Path
  node: Node | null | undefined
  shape: RowShape
  row: number
  cells: Cells | null
}

function applyRow(text: string, edit: RowEdit): string {
  const { path, node, shape, row, cells } = edit
  if (isMap(node)) return applyNamed(text, edit, node)
  if (isSeq(node)) return applyListed(text, edit, node as YAMLSeq<Node>)
  if (!cells) return text
  if (row > 0) throw new UneditableError('there is no such entry any more')
  return setAt(
    text,
    path,
    shape.isMapping ? { [cells[shape.key] ?? '']: namedValue(shape, cells) } : [shape.write(cells)],
  )
}

function applyNamed(text: string, { path, shape, row, cells }: RowEdit, node: YAMLMap): string {
  const name = namesOf(node)[row]
  if (!cells) return name === undefined ? text : setAt(text, [...path, name], undefined)
  const wanted = cells[shape.key] ?? name ?? ''
  if (wanted !== name && namesOf(node).includes(wanted))
    throw new UneditableError(`${wanted} is there already`)
  if (name === undefined) return setAt(text, [...path, wanted], namedValue(shape, cells))
  const result = wanted === name ? text : renameAt(text, [...path, name], wanted)
  const value = node.get(name, true)
  if (shape.key === 'service')
    return applyKeys(result, [...path, wanted], shape, cells, isMap(value) ? value : undefined)
  return cells.value === undefined || (isScalar(value) && cells.value === writtenText(value))
    ? result
    : setAt(result, [...path, wanted], natural(cells.value, value, wanted))
}

const namedValue = (shape: RowShape, { value = '', ...cells }: Cells) =>
  shape.key === 'service' ? longEntry(shape, { condition: 'service_started', ...cells }) : value

/** A scalar as it was written, without quotes: `0.50` stays that. */
export function writtenText(node: Scalar): string {
  if (node.value === null) return ''
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value))
}

function applyListed(text: string, { path, shape, row, cells }: RowEdit, list: YAMLSeq<Node>): string {
  const item = list.items[row]
  if (!cells) return item ? setAt(text, [...path, row], undefined) : text
  if (item && isMap(item)) return applyLong(text, [...path, row], shape, cells, item)
  const old = isScalar(item) ? writtenText(item) : undefined
  const all = { ...(old !== undefined && shape.read(old)), ...cells }
  if (shape.key === 'service' && !isPlainDependency(all)) return toMapping(text, path, shape, list, row, all)
  const written = shape.write(all)
  if (item) return old === written ? text : setAt(text, [...path, row], natural(written, item, ''))
  const value = isMap(list.items.at(-1)) ? longEntry(shape, cells) : written
  return insertAt(text, path, list.items.length, value)
}

function applyLong(text: string, path: Path, shape: RowShape, cells: Cells, item: YAMLMap): string {
  const result = applyKeys(applyType(text, path, cells, item), path, shape, cells, item)
  const isReadOnly = isReadOnlyIn(cells)
  if (cells.options === undefined || isReadOnly === (item.get('read_only') === true)) return result
  return setAt(result, [...path, 'read_only'], isReadOnly ? true : undefined)
}

/** Sets the keys of a mapping that hold the cells; an empty cell takes its key away. */
function applyKeys(
  text: string,
  path: Path,
  shape: RowShape,
  cells: Cells,
  item: YAMLMap | undefined,
): string {
  let result = text
  for (const [cell, key] of Object.entries(shape.long)) {
    const old = item?.get(key, true)
    const value = cells[cell]
    if (value === undefined || (isScalar(old) ? writtenText(old) : '') === value) continue
    result = setAt(result, [...path, key], value === '' ? undefined : natural(value, old, key))
  }
  return result
}

/** A folder is mounted by another type than a volume: the type goes with the source, unless it has options of its own. */
function applyType(text: string, path: Path, { source }: Cells, item: YAMLMap): string {
  const [type, old] = [item.get('type'), item.get('source', true)]
  if (source === undefined || type === undefined || source === (isScalar(old) ? writtenText(old) : ''))
    return text
  if (type !== 'bind' && type !== 'volume')
    throw new UneditableError(`a mount of ${String(type)} has no source`)
  const wanted = mountTypeOf(source)
  // A variable may stand for either.
  if (wanted === type || source.startsWith('$')) return text
  if (item.has(type)) throw new UneditableError(`it has options of a ${type}, and ${source} is none`)
  return setAt(text, [...path, 'type'], wanted)
}

const mountTypeOf = (source = '') => (isFolder(source) ? 'bind' : 'volume')

const isReadOnlyIn = ({ options = '' }: Cells) => options.split(',').includes('ro')

function longEntry(shape: RowShape, cells: Cells): Record<string, unknown> {
  const entries = Object.entries(shape.long).flatMap(([cell, key]): [string, unknown][] => {
    const value = cells[cell] ?? ''
    return value === '' ? [] : [[key, natural(value, undefined, key)]]
  })
  if (shape.long.source === undefined) return Object.fromEntries(entries)
  return {
    type: mountTypeOf(cells.source),
    ...Object.fromEntries(entries),
    ...(isReadOnlyIn(cells) && { read_only: true }),
  }
}

const isPlainDependency = ({ condition = 'service_started', restart = '', required = '' }: Cells) =>
  condition === 'service_started' && restart === '' && required === ''

/** A list of names says no more than them: it becomes a mapping. */
function toMapping(
  text: string,
  path: Path,
  shape: RowShape,
  list: YAMLSeq<Node>,
  row: number,
  cells: Cells,
): string {
  const rows = list.items.map((item): Cells => ({ service: isScalar(item) ? String(item.value) : '' }))
  const all = row < rows.length ? rows.with(row, cells) : [...rows, cells]
  return setAt(text, path, Object.fromEntries(all.map((one) => [one.service ?? '', namedValue(shape, one)])))
}
