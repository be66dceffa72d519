import type { SearchHit } from '../contract.ts'
import type { Model } from './model.ts'

interface Entry {
  kind: SearchHit['kind']
  schema: string | null
  /** The relation that it belongs to. */
  parent: string | null
  name: string
  signature: string
  detail: string
  text: string
}

export interface SearchIndex {
  /** The best hits of all words, at most `limit`, and how many there are. */
  find(request: { text: string; kinds?: readonly string[] | undefined; limit: number }): {
    hits: SearchHit[]
    total: number
  }
}

type Where = SearchHit['where']

// Names come before comments, comments before bodies; among names the kinds that one looks for most.
const placeRank: Record<Where, number> = { name: 0, comment: 400, body: 600 }
const kindRank: Record<string, number> = {
  table: 0,
  'partitioned table': 0,
  view: 4,
  'materialized view': 4,
  'foreign table': 4,
  schema: 6,
  function: 10,
  procedure: 10,
  partition: 30,
  column: 40,
}
const otherKindRank = 20

// A single letter is in every name: of so many the best are as good as of all.
const weighed = 10_000

/**
 * Finds by parts of words: every word stands somewhere in the qualified name, one of them in the name itself, or all of
 * them in a comment or in a body. Each place is one long text that is searched natively; offsets lead back to entries.
 */
export function createSearchIndex(model: Model, bodies: (string | null)[][]): SearchIndex {
  const entries = entriesOf(model)
  const names = createHaystack(
    entries.map((entry, at) => ({
      at,
      text: qualified(entry).toLowerCase(),
      own: qualified(entry).toLowerCase().length - entry.name.toLowerCase().length,
    })),
  )
  const comments = createHaystack(
    entries.flatMap((entry, at) => (entry.text ? [{ at, text: entry.text.toLowerCase(), own: 0 }] : [])),
  )
  const bodyOf = bodiesByEntry(model, bodies)
  const code = createHaystack([...bodyOf].map(([at, body]) => ({ at, text: body.toLowerCase(), own: 0 })))

  return {
    find: ({ text, kinds, limit }) => {
      const words = text.toLowerCase().split(/\s+/).filter(Boolean)
      if (words.length === 0) return { hits: [], total: 0 }
      const wanted = kinds && kinds.length > 0 ? new Set(kinds) : undefined
      const best = createTop(limit)
      const seen = new Set<number>()
      const collect = (where: Where, haystack: Haystack) =>
        haystack.search(words, (at, own, length) => {
          const entry = entries[at]
          if (!entry || seen.has(at) || (wanted && !wanted.has(entry.kind))) return true
          seen.add(at)
          best.offer({ at, where, rank: rankOf(entry.kind, where, own, length, words) })
          return seen.size < weighed
        })
      collect('name', names)
      collect('comment', comments)
      collect('body', code)
      const hits = best.sorted().map(({ at, where }): SearchHit => {
        const { text: comment, ...entry } = entries[at] as Entry
        const source = where === 'body' ? bodyOf.get(at) : where === 'comment' ? comment : undefined
        return { ...entry, where, snippet: source ? snippetOf(source, words) : null }
      })
      return { hits, total: seen.size }
    },
  }
}

interface Haystack {
  /** Calls back for every entry that holds all words, as long as it answers true; `own` is its text from where its own name begins. */
  search(words: string[], found: (at: number, own: string, length: number) => boolean): void
}

function createHaystack(items: { at: number; text: string; own: number }[]): Haystack {
  const starts = new Int32Array(items.length + 1)
  let length = 0
  items.forEach(({ text }, index) => {
    starts[index] = length
    length += text.length + 1
  })
  starts[items.length] = length
  // No name and no comment can hold U+0000, so no word can reach from one into the next.
  const whole = items.map(({ text }) => text).join('\0')
  const owns = Int32Array.from(items, ({ own }) => own)
  const ats = Int32Array.from(items, ({ at }) => at)

  return {
    search: (words, found) => {
      const [longest = '', ...rest] = [...words].sort((a, b) => b.length - a.length)
      let index = 0
      for (let hit = whole.indexOf(longest); hit !== -1; hit = whole.indexOf(longest, starts[index])) {
        index = entryAt(starts, hit, index)
        const start = starts[index] as number
        const end = (starts[index + 1] as number) - 1
        const text = whole.slice(start, end)
        const own = text.slice(owns[index])
        const isOwn = (word: string) =>
          word.includes('.')
            ? text.lastIndexOf(word) + word.length > (owns[index] as number)
            : own.includes(word)
        if (rest.every((word) => text.includes(word)) && words.some(isOwn)) {
          if (!found(ats[index] as number, own, text.length)) return
        }
        index++
        if (index >= items.length) return
      }
    },
  }
}

/** The entry that an offset lies in, not before `from`. */
function entryAt(starts: Int32Array, offset: number, from: number): number {
  let low = from
  let high = starts.length - 2
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] as number) <= offset) low = middle
    else high = middle - 1
  }
  return low
}

function rankOf(kind: string, where: Where, own: string, length: number, words: string[]): number {
  const base = placeRank[where] + (kindRank[kind] ?? otherKindRank)
  if (where !== 'name') return base
  const last = words.at(-1)?.split('.').at(-1) ?? ''
  const at = own.indexOf(last)
  const quality = own === last ? 0 : at === 0 ? 60 : at > 0 && /[^a-z0-9]/.test(own[at - 1] ?? '') ? 120 : 180
  // Of two that fit alike the shorter one is nearer.
  return base + quality + Math.min(length, 255) / 256
}

interface Ranked {
  at: number
  where: Where
  rank: number
}

/** Keeps the lowest ranks of all that are offered. */
function createTop(limit: number) {
  let kept: Ranked[] = []
  let worst = Number.POSITIVE_INFINITY
  const order = (a: Ranked, b: Ranked) => a.rank - b.rank || a.at - b.at
  const cut = () => {
    kept = kept.sort(order).slice(0, limit)
    if (kept.length === limit) worst = kept.at(-1)?.rank ?? worst
  }
  return {
    offer: (one: Ranked) => {
      if (one.rank > worst) return
      kept.push(one)
      if (kept.length > limit * 8) cut()
    },
    sorted: () => {
      cut()
      return kept
    },
  }
}

/** Relations, what stands beside them, what belongs to them, and columns: what one looks for most comes first. */
function entriesOf({ relations, others }: Model): Entry[] {
  const all = [...relations.values()]
  return [
    ...all.map((relation): Entry => {
      const { schema, name, parent, bound, comment } = relation
      const kind = parent ? 'partition' : relation.kind
      return {
        kind,
        schema,
        parent: parent?.name ?? null,
        name,
        signature: '',
        detail: bound ?? '',
        text: comment ?? '',
      }
    }),
    ...others.map(({ kind, schema, name, signature, detail, comment }): Entry => {
      return {
        kind: kind as Entry['kind'],
        schema,
        parent: null,
        name,
        signature,
        detail,
        text: comment ?? '',
      }
    }),
    ...all.flatMap((relation) =>
      relation.parts.map(({ kind, name, target, comment }): Entry => {
        const detail = target ? `to ${target.schema}.${target.name}` : ''
        return {
          kind,
          schema: relation.schema,
          parent: relation.name,
          name,
          signature: '',
          detail,
          text: comment ?? '',
        }
      }),
    ),
    ...all.flatMap((relation) =>
      relation.columns.map(({ name, type, comment }): Entry => {
        return {
          kind: 'column',
          schema: relation.schema,
          parent: relation.name,
          name,
          signature: '',
          detail: type,
          text: comment ?? '',
        }
      }),
    ),
  ]
}

/** Which entry each body belongs to, in the order of {@link entriesOf}. */
function bodiesByEntry(model: Model, bodies: (string | null)[][]): Map<number, string> {
  const text = new Map(bodies.map(([kind, oid, body]) => [`${kind} ${oid}`, body ?? '']))
  const found = new Map<number, string>()
  let at = 0
  for (const { oid } of model.relations.values()) {
    const body = text.get(`view ${oid}`)
    if (body) found.set(at, body)
    at++
  }
  for (const { oid, kind } of model.others) {
    const body = /function|procedure/.test(kind) ? text.get(`routine ${oid}`) : undefined
    if (body) found.set(at, body)
    at++
  }
  return found
}

const qualified = ({ schema, parent, name, kind }: Entry) =>
  [schema, kind === 'partition' ? null : parent, name].filter((part) => part !== null).join('.')

/** The line around the longest word, shortened to what a row can show. */
function snippetOf(source: string, words: string[]): string {
  const at = Math.max(
    0,
    source.toLowerCase().indexOf([...words].sort((a, b) => b.length - a.length)[0] ?? ''),
  )
  const from = Math.max(source.lastIndexOf('\n', at) + 1, at - 60)
  return (
    source
      .slice(from, from + 160)
      .split('\n')[0]
      ?.trim() ?? ''
  )
}
