import type { TextEdit } from '../../src-main/drafts/contract.ts'
import { client } from '../rpc/client.ts'

interface Held {
  /** The text while no editor shows it; the editor's own where one does. */
  read: () => string
  version: number
  /** Made in the editor, not yet taken by the backend. */
  edits: TextEdit[]
  isSending: boolean
  /** The backend's text is not known to be the one that the edits were made in: it is sent whole. */
  isStale: boolean
}

// Beside the views: a text of ten megabytes is no state that a screen is drawn from.
const texts = new Map<string, Held>()
const retryMs = 1000
/** Above this many edits, the whole text is the shorter message. */
const mostEdits = 5000

/** The text of a tab, from the backend where it was not shown yet. */
export async function openText(id: string): Promise<string> {
  const held = texts.get(id)
  if (held) return held.read()
  const { text, version } = await client.drafts.read({ id })
  const raced = texts.get(id)
  if (raced) return raced.read()
  texts.set(id, { read: () => text, version, edits: [], isSending: false, isStale: false })
  return text
}

/** Gives a tab a text that no editor shows yet. */
export async function keepText(id: string, text: string): Promise<void> {
  const own = text.replaceAll(/\r\n?/g, '\n')
  const held: Held = { read: () => own, version: 0, edits: [], isSending: false, isStale: true }
  texts.set(id, held)
  await send(id, held)
}

/** From now on an editor holds the text. */
export function followEditor(id: string, read: () => string): void {
  const held = texts.get(id)
  if (held) held.read = read
}

/** Sends what was typed, at once; what is typed meanwhile follows when it has arrived. */
export function changeText(id: string, edits: TextEdit[]): void {
  const held = texts.get(id)
  if (!held) return
  held.edits.push(...edits)
  if (held.edits.length > mostEdits) held.isStale = true
  if (!held.isSending) void send(id, held)
}

export const textOf = (id: string): string => texts.get(id)?.read() ?? ''

export function forgetText(id: string): void {
  texts.delete(id)
}

/** Frees the editor's document of a tab that is gone, if an editor was ever loaded. */
export async function closeDocument(id: string): Promise<void> {
  const editor = await import('../ui/SqlEditor.tsx')
  editor.closeDocument(id)
}

async function send(id: string, held: Held): Promise<void> {
  held.isSending = true
  try {
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
  } finally {
    held.isSending = false
  }
}
