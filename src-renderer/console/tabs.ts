import { create } from 'zustand'
import type { SessionState } from '../../src-main/console/contract.ts'

export interface ConsoleTab {
  id: string
  title: string
  text: string
}

interface Consoles {
  tabs: ConsoleTab[]
  active: string
  /** A result stops here. */
  maxRows: number
  /** What the backend says of each tab's session. */
  sessions: Record<string, SessionState | undefined>
  /** Why the last run of a tab did not begin. */
  errors: Record<string, unknown>
}

const key = 'atlas.console'

const newTab = (number: number, text = ''): ConsoleTab => ({
  id: crypto.randomUUID(),
  title: `Query ${number}`,
  text,
})

const empty = { maxRows: 0, sessions: {}, errors: {} }

function load(): Consoles {
  try {
    const stored = JSON.parse(localStorage.getItem(key) ?? '') as Pick<
      Consoles,
      'tabs' | 'active' | 'maxRows'
    >
    if (stored.tabs.length > 0) return { ...empty, ...stored }
  } catch {
    // Nothing stored, or not readable: begin anew.
  }
  const first = newTab(1)
  return { ...empty, tabs: [first], active: first.id }
}

/** The tabs with their texts, kept at every keystroke, and what their last runs gave. */
export const useConsoles = create<Consoles>(load)

useConsoles.subscribe(({ tabs, active, maxRows }, before) => {
  if (tabs === before.tabs && active === before.active && maxRows === before.maxRows) return
  try {
    localStorage.setItem(key, JSON.stringify({ tabs, active, maxRows }))
  } catch {
    // A text beyond what the browser keeps: it stays in the window.
  }
})

export function addTab(text?: string): void {
  useConsoles.setState(({ tabs }) => {
    const numbers = tabs.map(({ title }) => Number(/(\d+)$/.exec(title)?.[1] ?? 0))
    const tab = newTab(Math.max(0, ...numbers) + 1, text)
    return { tabs: [...tabs, tab], active: tab.id }
  })
}

export function changeText(id: string, text: string): void {
  useConsoles.setState(({ tabs }) => ({ tabs: tabs.map((tab) => (tab.id === id ? { ...tab, text } : tab)) }))
}

/** Removes a tab; the last one is replaced by an empty one. */
export function removeTab(id: string): void {
  useConsoles.setState(({ tabs, active }) => {
    const left = tabs.filter((tab) => tab.id !== id)
    const rest = left.length > 0 ? left : [newTab(1)]
    return { tabs: rest, active: rest.some((tab) => tab.id === active) ? active : (rest.at(-1)?.id ?? '') }
  })
}

/** A text from outside goes into the tab if that is empty, else into a new one: nothing typed is lost. */
export function showText(id: string, text: string): void {
  const tab = useConsoles.getState().tabs.find((one) => one.id === id)
  if (tab?.text.trim() === '') removeTab(id)
  addTab(text)
}
