import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ObjectSummary } from '../../src-main/schema/objects/contract.ts'

/** What the view shows, as the address says it. */
export interface Place {
  schema?: string | undefined
  table?: string | undefined
  tab?: string | undefined
  /** An object that is no table, with its name and signature. */
  kind?: string | undefined
  name?: string | undefined
  signature?: string | undefined
  /** Something that is about more than one object: `diagram` or `compare`. */
  show?: string | undefined
  /** How many foreign keys a diagram goes from its table. */
  depth?: string | undefined
  /** The text that is searched for. */
  find?: string | undefined
  /** Filters, order and partition of the rows, as JSON. */
  rows?: string | undefined
  /** The kinds that a search is narrowed to. */
  of?: string | undefined
}

export type OpenPlace = (place: Place) => void

/** The place that is shown, and how to go to another one; a search stays as it is unless the place names one. */
export function usePlace(): { place: Place; open: OpenPlace } {
  const place: Place = useSearch({ strict: false })
  const navigate = useNavigate()
  return {
    place,
    open: (next) => void navigate({ to: '/schema', search: { find: place.find, of: place.of, ...next } }),
  }
}

export function placeOfObject({ kind, schema, name, signature }: ObjectSummary): Place {
  return { kind, schema: schema ?? undefined, name, signature: signature || undefined }
}
