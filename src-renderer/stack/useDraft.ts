import { useState } from 'react'

const keyOf = (path: string) => `atlas.stack.draft ${path}`

/**
 * What was typed and not saved, by file. It outlives a reload where it may be kept: a file of variables holds secrets, which
 * the browser's storage must not, so its draft lives only as long as the view.
 */
export function useDraft(path: string | undefined, saved: string | undefined, canKeep: boolean) {
  const [drafts, setDrafts] = useState<Record<string, string | undefined>>({})
  const text =
    path === undefined ? undefined : path in drafts ? drafts[path] : canKeep ? stored(path) : undefined
  return {
    text,
    set: (value: string) => {
      if (path === undefined) return
      setDrafts((before) => ({ ...before, [path]: value }))
      if (!canKeep) return
      if (value === saved) sessionStorage.removeItem(keyOf(path))
      else sessionStorage.setItem(keyOf(path), value)
    },
    clear: () => {
      if (path === undefined) return
      sessionStorage.removeItem(keyOf(path))
      setDrafts((before) => ({ ...before, [path]: undefined }))
    },
  }
}

const stored = (path: string) => sessionStorage.getItem(keyOf(path)) ?? undefined
