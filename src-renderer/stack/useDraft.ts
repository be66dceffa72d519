import { useRef, useState } from 'react'

/** A text that was typed, and the checksum of the file that it began from. */
export interface Draft {
  text: string
  base: string
}

/** What stands on the disk. */
interface Saved {
  text: string
  checksum: string
}

const keyOf = (path: string) => `atlas.stack.draft ${path}`

/**
 * What was typed and not saved, by file. It outlives a reload where it may be kept: a file of variables holds secrets, which
 * the browser's storage must not, so its draft lives only as long as the view. A draft remembers which text it began from:
 * whatever writes the file meanwhile, a save of it meets a conflict and overwrites nothing.
 */
export function useDraft(path: string | undefined, saved: Saved | undefined, canKeep: boolean) {
  const [drafts, setDrafts] = useState<Record<string, Draft | undefined>>({})
  const newest = useRef<Record<string, Draft | undefined>>({})
  const putAt = (at: string, value: Draft | undefined) => {
    newest.current[at] = value
    setDrafts((before) => ({ ...before, [at]: value }))
    if (value === undefined) sessionStorage.removeItem(keyOf(at))
    else if (canKeep && at === path) sessionStorage.setItem(keyOf(at), JSON.stringify(value))
  }
  const put = (value: Draft | undefined) => path !== undefined && putAt(path, value)
  const draftIn = (all: Record<string, Draft | undefined>) =>
    path === undefined ? undefined : path in all ? all[path] : canKeep ? stored(path) : undefined
  const draft = draftIn(drafts)
  return {
    draft,
    /** The file was written by somebody else since the draft began. */
    isOutrun: draft !== undefined && saved !== undefined && draft.base !== saved.checksum,
    /** What was set last, also where it is not drawn yet. */
    read: () => draftIn(newest.current),
    set: (text: string) => {
      const base = draftIn(newest.current)?.base ?? saved?.checksum
      if (base === undefined) return
      put(text === saved?.text && base === saved.checksum ? undefined : { text, base })
    },
    /** Takes the file as it is now for what the draft began from: it was seen, and may be overwritten. */
    rebase: () => {
      const now = draftIn(newest.current)
      if (now && saved) put({ text: now.text, base: saved.checksum })
    },
    /** Goes on after a save: with what was typed while it was written, if anything was. */
    settle: (at: string, written: Saved) => {
      const now = newest.current[at]
      putAt(at, now && now.text !== written.text ? { text: now.text, base: written.checksum } : undefined)
    },
    clear: () => put(undefined),
  }
}

/** Undefined for what is none, as an older version left it. */
function stored(path: string): Draft | undefined {
  try {
    const { text, base } = JSON.parse(sessionStorage.getItem(keyOf(path)) ?? 'null') as Partial<Draft>
    return typeof text === 'string' && typeof base === 'string' ? { text, base } : undefined
  } catch {
    return undefined
  }
}
