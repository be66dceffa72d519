import { create } from 'zustand'
import { chosenEnvironment } from '../rpc/transport.ts'
import type { Place } from './place.ts'

const kept = 12
const key = `atlas.schema.recent.${chosenEnvironment() ?? ''}`

const useRecentStore = create<{ places: Place[] }>(() => ({ places: read() }))

/** The tables and objects that were opened last in this environment, the newest first; a restart keeps them. */
export function useRecent(): Place[] {
  return useRecentStore(({ places }) => places)
}

export function remember(place: Place): void {
  const same = (other: Place) => JSON.stringify(other) === JSON.stringify(place)
  const places = [place, ...useRecentStore.getState().places.filter((other) => !same(other))].slice(0, kept)
  useRecentStore.setState({ places })
  localStorage.setItem(key, JSON.stringify(places))
}

function read(): Place[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key) ?? '[]')
    return Array.isArray(stored) ? (stored as Place[]) : []
  } catch {
    return []
  }
}
