import type { Problem, Selection } from './contract.ts'
import type { ComposeModel } from './model.ts'

/** A stack as its files say it. */
export interface LoadedStack {
  project: string
  /** Where relative paths begin, absolute. */
  folder: string
  /** Absolute; empty where the project is known by its containers' labels alone. */
  files: string[]
  envFiles: string[]
  /** What `${…}` sees: the process's variables over those of the env files. Holds secrets. */
  variables: Record<string, string>
  /** Profiles that are on. */
  profiles: string[]
  /** Undefined where the files are not valid, and where there are none. */
  model: ComposeModel | undefined
  problems: Problem[]
}

/** Reads the files of a selection; the stored selection fills in what it leaves out. */
export type LoadStack = (selection: Selection) => LoadedStack
