import { useRef, useState } from 'react'

const keyOf = (path: string) => `atlas.stack.draft ${path}`

/**
 * What was typed and not saved, by file. It outlives a reload where it may be kept: a file of variables holds secrets, which
 * the browser's storage must not, so its draft lives only as long as the view.
 */
export function useDraft(path: string | undefined, saved: string | undefined, canKeep: boolean) {
  const [drafts, setDrafts] = useState<Record<string, string | undefined>>({})
  const newest = useRef<Record<string, string | undefined>>({})
  const put = (value: string | undefined) => {
    if (path === undefined) return
    newest.current[path] = value
    setDrafts((before) => ({ ...before, [path]: value }))
  }
  const textIn = (all: Record<string, string | undefined>) =>
    path === undefined ? undefined : path in all ? all[path] : canKeep ? stored(path) : undefined
  return {
    text: textIn(drafts),
    /** What was set last, also where it is not drawn yet. */
    read: () => textIn(newest.current),
    set: (value: string) => {
      put(value)
      if (path === undefined || !canKeep) return
      if (value === saved) sessionStorage.removeItem(keyOf(path))
      else sessionStorage.setItem(keyOf(path), value)
    },
    clear: () => {
      if (path !== undefined) sessionStorage.removeItem(keyOf(path))
      put(undefined)
    },
  }
}

const stored = (path: string) => sessionStorage.getItem(keyOf(path)) ?? undefined
