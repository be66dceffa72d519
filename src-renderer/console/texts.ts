import type { TextEdit } from '../../src-main/drafts/contract.ts'
import { client } from '../rpc/client.ts'

interface Held {
  /** The text while no editor shows it; the editor's own where one does. */
  read: () => string
  size: () => number
  version: number
  /** Made in the editor, not yet taken by the backend. */
  edits: TextEdit[]
  /** Until the backend has all of it. */
  sending: Promise<void> | undefined
  /** The backend's text is not known to be the one that the edits were made in: it is sent whole. */
  isStale: boolean
}

// Beside the views: a text of ten megabytes is no state that a screen is drawn from.
const texts = new Map<string, Held>()
const retryMs = 1000
/** Above this many edits, the whole text is the shorter message. */
const mostEdits = 5000
/** A text up to this crosses with a call about it. */
const shortCharacters = 64 * 1024

/** What a call needs to be about a tab's text: itself where it is short, else the version that the backend has. */
export type TextSource = { text: string } | { version: number }

/** The text of a tab, from the backend where it was not shown yet. */
export async function openText(id: string): Promise<string> {
  const held = texts.get(id)
  if (held) return held.read()
  const { text, version } = await client.drafts.read({ id })
  const raced = texts.get(id)
  if (raced) return raced.read()
  texts.set(id, { ...fixed(text), version, edits: [], sending: undefined, isStale: false })
  return text
}

/** Gives a tab a text that no editor shows yet. */
export async function keepText(id: string, text: string): Promise<void> {
  const own = text.replaceAll(/\r\n?/g, '\n')
  const held: Held = { ...fixed(own), version: 0, edits: [], sending: undefined, isStale: true }
  texts.set(id, held)
  await sendAll(id, held)
}

const fixed = (text: string) => ({ read: () => text, size: () => text.length })

/** From now on an editor holds the text. */
export function followEditor(id: string, editor: Pick<Held, 'read' | 'size'>): void {
  const held = texts.get(id)
  if (held) Object.assign(held, editor)
}

/** Sends what was typed, at once; what is typed meanwhile follows when it has arrived. */
export function changeText(id: string, edits: TextEdit[]): void {
  const held = texts.get(id)
  if (!held) return
  held.edits.push(...edits)
  if (held.edits.length > mostEdits) held.isStale = true
  void sendAll(id, held)
}

export const textOf = (id: string): string => texts.get(id)?.read() ?? ''

/** A tab's text for a call about it. */
export async function sourceOf(id: string): Promise<TextSource> {
  const held = texts.get(id)
  if (!held || held.size() <= shortCharacters) return { text: textOf(id) }
  const version = await versionOf(id)
  return version === undefined ? { text: textOf(id) } : { version }
}

/** The version that the backend has of a text; undefined where it is away and has another. */
export async function versionOf(id: string): Promise<number | undefined> {
  const held = texts.get(id)
  await Promise.race([held?.sending, new Promise((resolve) => setTimeout(resolve, retryMs))])
  return held && !held.sending ? held.version : undefined
}

export function forgetText(id: string): void {
  texts.delete(id)
}

/** Frees the editor's document of a tab that is gone, if an editor was ever loaded. */
export async function closeDocument(id: string): Promise<void> {
  const editor = await import('../ui/SqlEditor.tsx')
  editor.closeDocument(id)
}

function sendAll(id: string, held: Held): Promise<void> {
  held.sending ??= send(id, held).finally(() => {
    held.sending = undefined
  })
  return held.sending
}

async function send(id: string, held: Held): Promise<void> {
  while (texts.get(id) === held && (held.isStale || held.edits.length > 0)) {
    const isWhole = held.isStale
    const edits = held.edits
    held.edits = []
    held.isStale = false
    try {
      const { version } = isWhole
        ? await client.drafts.replace({ id, text: held.read() })
        : await client.drafts.edit({ id, version: held.version, edits })
      held.version = version
    } catch {
      // The backend is away, or its text is another: the whole one is sent until it is taken.
      held.isStale = true
      if (isWhole) await new Promise((resolve) => setTimeout(resolve, retryMs))
    }
  }
}
