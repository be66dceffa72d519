import { accessSync, constants, cpSync, existsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { AppDb } from '../adapters/appdb.ts'
import { type Selection, selectionSchema } from './contract.ts'

/** Where the choice of a stack is kept. */
export interface SelectionStore {
  get(): Selection
  set(selection: Selection): void
}

/** Keeps the choice in the desktop's own database; before one was made it is the stack that Atlas brings. */
export function createSelectionStore(db: AppDb, ownFolder: string): SelectionStore {
  const read = db.prepare<[], { value: string }>("select value from settings where key = 'stack.selection'")
  const write = db.prepare(
    "insert into settings (key, value) values ('stack.selection', ?) on conflict (key) do update set value = excluded.value",
  )
  return {
    get: () => {
      const stored = selectionSchema.safeParse(JSON.parse(read.get()?.value ?? 'null'))
      return stored.success ? stored.data : { folder: ownFolder }
    },
    set: (selection) => {
      write.run(JSON.stringify(selection))
    },
  }
}

/** The folder of the stack that Atlas brings; where the program's folder cannot be written to, a copy of it. */
export function openStackFolder(brought: string, copy: string): string {
  try {
    accessSync(brought, constants.W_OK)
    return brought
  } catch {
    if (!existsSync(copy)) cpSync(brought, copy, { recursive: true })
    return copy
  }
}

/** A selection that names no files means the stored one; what it does name wins. */
export function resolveSelection(input: Selection, store: SelectionStore): Selection {
  if (input.files?.length || input.folder) return input
  const stored = store.get()
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
  return {
    ...stored,
    ...given,
    folder: stored.folder ?? (stored.files?.[0] ? dirname(stored.files[0]) : undefined),
  }
}
