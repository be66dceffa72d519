import { commentStatement, type Definition, type Definitions } from '../ddl/definition.ts'
import {
  grantsOf,
  hasOtherOrder,
  type Ignore,
  isSame,
  isSameObject,
  keyOf,
  type Pair,
  pairsOf,
} from './compare.ts'
import type { ComparedObject, Comparison } from './contract.ts'
import { tableOf } from './sides.ts'

const mostDetails = 50
const order = { different: 0, 'only here': 1, 'only there': 2, reordered: 3, identical: 4 }

/** What is on both sides and what on one, a table with what belongs to it. */
export function objectsOf(
  here: Definitions,
  there: Definitions,
  ignore: Ignore,
): Pick<Comparison, 'objects' | 'counts'> {
  const holders = [here, there].map(({ all }) => new Map(all.map((one) => [one.address, keyOf(one)])))
  const parts = new Map<string, Pair[]>()
  const objects: Pair[] = []
  for (const pair of pairsOf(here, there)) {
    const holder = holders[0]?.get(pair.now?.holder ?? '') ?? holders[1]?.get(pair.wanted?.holder ?? '')
    if (holder === undefined) objects.push(pair)
    else parts.set(holder, [...(parts.get(holder) ?? []), pair])
  }
  const counts = { identical: 0, different: 0, reordered: 0, onlyHere: 0, onlyThere: 0 }
  const compared = objects.map((pair): ComparedObject => {
    const details = pair.now && pair.wanted ? detailsOf(pair, parts.get(pair.key) ?? [], ignore) : []
    const isReordered = pair.now && pair.wanted ? hasOtherOrder(pair.now, pair.wanted) : false
    const change = !pair.wanted
      ? 'only here'
      : !pair.now
        ? 'only there'
        : details.length > 0
          ? 'different'
          : isReordered
            ? 'reordered'
            : 'identical'
    if (isReordered) details.push('order of columns')
    counts[change === 'only here' ? 'onlyHere' : change === 'only there' ? 'onlyThere' : change]++
    const { kind, name } = (pair.wanted ?? pair.now) as Definition
    return { key: pair.key, kind, name, change, details: details.slice(0, mostDetails) }
  })
  return {
    counts,
    objects: compared.sort((a, b) => order[a.change] - order[b.change] || (a.name < b.name ? -1 : 1)),
  }
}

function detailsOf({ now, wanted }: Pair, parts: Pair[], ignore: Ignore): string[] {
  if (!now || !wanted) return []
  const details: string[] = []
  if (!isSameObject(now, wanted, ignore)) {
    const columns = columnsThatDiffer(now, wanted)
    details.push(...(columns.length > 0 ? columns : ['definition']))
  }
  for (const { now: a, wanted: b } of parts) {
    const part = (b ?? a) as Definition
    const name = part.shape?.type === 'part' ? ` ${part.shape.name}` : ''
    if (!a) details.push(`${part.kind}${name} only there`)
    else if (!b) details.push(`${part.kind}${name} only here`)
    else if (!isSame(a, b, ignore)) details.push(`${part.kind}${name}`)
  }
  const comments = ({ comments: own }: Definition) => JSON.stringify(own.map(commentStatement).sort())
  if (!ignore.has('comments') && comments(now) !== comments(wanted)) details.push('comments')
  const grants = (one: Definition) => JSON.stringify(grantsOf(one, ignore).sort())
  if (grants(now) !== grants(wanted)) details.push('owner or grants')
  return details
}

function columnsThatDiffer(now: Definition, wanted: Definition): string[] {
  const [a, b] = [tableOf(now)?.columns ?? [], tableOf(wanted)?.columns ?? []]
  const [before, after] = [a, b].map(
    (list) => new Map(list.map((column) => [column.name, JSON.stringify(column)])),
  )
  return [...new Set([...a, ...b].map(({ name }) => name))].flatMap((name) => {
    const [one, other] = [before?.get(name), after?.get(name)]
    if (one === undefined) return `column ${name} only there`
    if (other === undefined) return `column ${name} only here`
    return one === other ? [] : `column ${name}`
  })
}
