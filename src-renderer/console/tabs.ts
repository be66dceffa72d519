import { create } from 'zustand'
import type { SessionState } from '../../src-main/console/sessionContract.ts'
import { client } from '../rpc/client.ts'
import { closeDocument, forgetText, keepText, textOf } from './texts.ts'

/** Where somebody is in a tab's text. */
export interface TabView {
  line: number
  column: number
  scrollTop: number
}

export interface ConsoleTab {
  id: string
  title: string
  view: TabView | undefined
}

interface Consoles {
  /** Until the backend has told which tabs there were. */
  isLoaded: boolean
  tabs: ConsoleTab[]
  active: string
  /** A result stops here. */
  maxRows: number
  /** What the backend says of each tab's session. */
  sessions: Record<string, SessionState | undefined>
  /** Why the last run of a tab did not begin. */
  errors: Record<string, unknown>
}

const rowsKey = 'atlas.console.maxRows'

/** The tabs, and what their last runs gave. Their texts are in `texts.ts`. */
export const useConsoles = create<Consoles>(() => ({
  isLoaded: false,
  tabs: [],
  active: '',
  maxRows: Number(localStorage.getItem(rowsKey)) || 0,
  sessions: {},
  errors: {},
}))

useConsoles.subscribe(({ tabs, active, maxRows, isLoaded }, before) => {
  if (maxRows !== before.maxRows) localStorage.setItem(rowsKey, String(maxRows))
  if (!isLoaded || !before.isLoaded) return
  for (const [position, tab] of tabs.entries()) {
    const isSame = before.tabs[position] === tab
    const hasTurned = (tab.id === active) !== (tab.id === before.active)
    if (!isSame || hasTurned) void keepTab(tab, position, tab.id === active)
  }
})

/** Tells the backend of a tab; a backend that is away is told when it is back, by its next change. */
async function keepTab({ id, title, view }: ConsoleTab, position: number, isActive: boolean): Promise<void> {
  await client.drafts.update({ id, title, position, isActive, view: { ...view } }).catch(() => {})
}

let loading: Promise<void> | undefined

/** Reads which tabs there were, once; the first one is made where there were none. */
export function loadTabs(): Promise<void> {
  loading ??= load().catch((error) => {
    loading = undefined
    throw error
  })
  return loading
}

async function load(): Promise<void> {
  const drafts = await client.drafts.list()
  if (drafts.length === 0) {
    const first = { id: crypto.randomUUID(), title: 'Query 1', view: undefined }
    await keepTab(first, 0, true)
    await keepText(first.id, '')
    useConsoles.setState({ isLoaded: true, tabs: [first], active: first.id })
    return
  }
  const tabs = drafts.map(({ id, title, view }) => ({ id, title, view: readView(view) }))
  const active = drafts.find(({ isActive }) => isActive)?.id ?? drafts[0]?.id ?? ''
  useConsoles.setState({ isLoaded: true, tabs, active })
}

function readView({ line, column, scrollTop }: Record<string, unknown>): TabView | undefined {
  if (typeof line !== 'number' || typeof column !== 'number') return undefined
  return { line, column, scrollTop: typeof scrollTop === 'number' ? scrollTop : 0 }
}

/** Opens a tab with a text. */
export async function addTab(text = '', title?: string): Promise<void> {
  const { tabs } = useConsoles.getState()
  const numbers = tabs.map((tab) => Number(/^Query (\d+)$/.exec(tab.title)?.[1] ?? 0))
  const tab = {
    id: crypto.randomUUID(),
    title: title ?? `Query ${Math.max(0, ...numbers) + 1}`,
    view: undefined,
  }
  await keepTab(tab, tabs.length, true)
  await keepText(tab.id, text)
  useConsoles.setState((state) => ({ tabs: [...state.tabs, tab], active: tab.id }))
}

export function keepView(id: string, view: TabView): void {
  useConsoles.setState(({ tabs }) => ({ tabs: tabs.map((tab) => (tab.id === id ? { ...tab, view } : tab)) }))
}

export function renameTab(id: string, title: string): void {
  const name = title.trim()
  if (name === '') return
  useConsoles.setState(({ tabs }) => ({
    tabs: tabs.map((tab) => (tab.id === id ? { ...tab, title: name } : tab)),
  }))
}

/** Shows the next tab, or the one before. */
export function turnTab(by: 1 | -1): void {
  useConsoles.setState(({ tabs, active }) => {
    const at = tabs.findIndex(({ id }) => id === active)
    return { active: tabs[(at + by + tabs.length) % tabs.length]?.id ?? active }
  })
}

/** Removes a tab; the last one is replaced by an empty one. */
export async function removeTab(id: string): Promise<void> {
  const { tabs } = useConsoles.getState()
  if (tabs.length === 1) await addTab()
  useConsoles.setState((state) => {
    const at = state.tabs.findIndex((tab) => tab.id === id)
    const rest = state.tabs.filter((tab) => tab.id !== id)
    const active = state.active === id ? (rest[Math.min(at, rest.length - 1)]?.id ?? '') : state.active
    return { tabs: rest, active }
  })
  forgetText(id)
  void closeDocument(id)
  await client.drafts.remove({ id }).catch(() => {})
}

/** A text from outside goes into the tab if that is empty, else into a new one: nothing typed is lost. */
export async function showText(id: string, text: string, title?: string): Promise<void> {
  const isEmpty = textOf(id).trim() === ''
  await addTab(text, title)
  if (isEmpty) await removeTab(id)
}
