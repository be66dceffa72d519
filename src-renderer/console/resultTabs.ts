import { create } from 'zustand'
import type { HeldStatement } from './heldStatement.ts'

/** Two results against each other. */
export interface ComparedPair {
  before: HeldStatement
  after: HeldStatement
}

interface ResultTabs {
  /** Which of a console tab's results is shown, and for which of its runs that was chosen. */
  chosen: Record<string, { run: string; tab: string } | undefined>
  compared: Record<string, ComparedPair | undefined>
  /** The statement that is run again and again, and how often. */
  watched: Record<string, { statement: HeldStatement; everyMs: number } | undefined>
}

/** What of its results each console tab shows: it stays while another tab is looked at. */
export const useResultTabs = create<ResultTabs>(() => ({ chosen: {}, compared: {}, watched: {} }))

export function chooseResult(id: string, run: string, tab: string): void {
  useResultTabs.setState(({ chosen }) => ({ chosen: { ...chosen, [id]: { run, tab } } }))
}

export function compareResults(id: string, run: string, pair: ComparedPair | undefined): void {
  useResultTabs.setState(({ compared }) => ({ compared: { ...compared, [id]: pair } }))
  if (pair) chooseResult(id, run, 'compared')
}

export function watchResult(id: string, run: string, watched: ResultTabs['watched'][string]): void {
  useResultTabs.setState((state) => ({ watched: { ...state.watched, [id]: watched } }))
  if (watched) chooseResult(id, run, 'watched')
}
