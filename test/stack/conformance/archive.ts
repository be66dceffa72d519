import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A compose project of the conformance set, unpacked. */
export interface Case {
  name: string
  folder: string
  /** Options of the command line that go with it: `-f over.yaml`, `--profile debug`, `--env-file x`. */
  args: string[]
}

/** Unpacks the sets beside this file (txtar: `-- case/file --` before each file) into a folder; one case a subfolder. */
export function unpackCases(into: string): Case[] {
  const cases = new Map<string, Case>()
  for (const archive of readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.txtar'))
    .sort()) {
    const parts = readFileSync(join(import.meta.dirname, archive), 'utf8').split(/^-- (\S+) --\n/m)
    for (let index = 1; index < parts.length; index += 2) {
      const [path = '', text = ''] = [parts[index], parts[index + 1]]
      const name = path.split('/')[0] ?? ''
      const found = cases.get(name) ?? { name, folder: join(into, name), args: [] }
      cases.set(name, found)
      if (path === `${name}/args`) found.args = text.trim().split(/\s+/)
      mkdirSync(dirname(join(into, path)), { recursive: true })
      writeFileSync(join(into, path), text)
    }
  }
  return [...cases.values()]
}

/** The values of an option that may be given again. */
function optionsOf({ args }: Case, name: string): string[] {
  return args.flatMap((arg, index) => (arg === name ? [args[index + 1] ?? ''] : []))
}

/** Which files, env files and profiles a case means. */
export function selectionOf(one: Case) {
  const inFolder = (option: string) => optionsOf(one, option).map((name) => join(one.folder, name))
  const [files, envFiles] = [inFolder('-f'), inFolder('--env-file')]
  return {
    folder: one.folder,
    ...(files.length > 0 && { files }),
    ...(envFiles.length > 0 && { envFiles }),
    profiles: optionsOf(one, '--profile'),
  }
}

/** Where the cases lay when the recorded results were made: paths in these begin with it. */
export const recordedFolder = '/atlas-conformance'
