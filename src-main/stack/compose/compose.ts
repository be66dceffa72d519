import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Problem } from '../contract.ts'
import { toCanonical } from './canonical.ts'
import { completeProject } from './complete.ts'
import { type ComposeFile, ComposeProblem, type Path, parseComposeFile } from './composeFile.ts'
import { findInconsistencies } from './consistency.ts'
import { extendServices } from './extend.ts'
import { interpolateTree } from './interpolate.ts'
import { mergeFiles } from './merge.ts'
import type { ComposeModel, ServiceModel } from './model.ts'
import { selectProfiles, withoutUnused } from './profiles.ts'
import type { SchemaFault } from './schema.ts'
import { findUnsupported } from './support.ts'
import { without } from './tree.ts'
import { isMapping, type Mapping } from './values.ts'

export interface ComposeInput {
  /** Absolute; later ones override earlier ones. */
  files: string[]
  folder: string
  /** What `${…}` sees. */
  variables: Record<string, string>
  /** Instead of the name that the variables, the files or the folder give. */
  project?: string | undefined
  profiles: string[]
  /** Services that were named: their profiles are on. */
  services?: string[] | undefined
  /** Texts that stand in for files, by absolute path: an editor's unsaved ones. */
  texts?: Record<string, string>
}

export interface ComposeResult {
  project: string
  /** Undefined where a problem is an error. */
  model: ComposeModel | undefined
  /** Services whose profiles are off. */
  disabled: Record<string, ServiceModel>
  /** Every profile that the files name. */
  profiles: string[]
  problems: Problem[]
}

/**
 * Reads, interpolates, validates, merges and completes compose files as `docker compose config` does. Never throws for
 * what stands in the files: that becomes problems with places.
 */
export function readCompose(input: ComposeInput, check: (value: unknown) => SchemaFault[]): ComposeResult {
  const problems: Problem[] = []
  const read = createReader(input, check, problems)
  const layers = input.files.map((path) => read.file(path, input.folder))
  const merged = layers.reduce<Mapping>((base, layer) => layOver(base, layer), {})
  const files = layers.map(({ file }) => file)
  const report = ({ path, message }: ComposeProblem, severity: Problem['severity'] = 'error') => {
    // The file that has most of the path is the one that said it; of several, the one that came last.
    const best = files.reduce((found, file) => (file.depthOf(path) >= found.depthOf(path) ? file : found))
    problems.push(best.problemAt(path, message, { severity }))
  }
  for (const { path, severity, message } of findUnsupported(merged))
    report(new ComposeProblem(path, message), severity)

  const project = nameProject(input, merged)
  const lookup = (name: string) =>
    name === 'COMPOSE_PROJECT_NAME' ? project : (input.variables[name] ?? undefined)
  const names = Object.entries((merged.services ?? {}) as Record<string, Mapping>)
  const profiles = [...new Set(names.flatMap(([, { profiles: own }]) => (own ?? []) as string[]))].sort()
  let completed: ComposeModel | undefined
  try {
    completed = completeProject(merged, project, lookup, input.folder)
  } catch (error) {
    if (!(error instanceof ComposeProblem)) throw error
    report(error)
  }
  if (!completed) return { project, model: undefined, disabled: {}, profiles, problems }
  const { model, disabled } = selectProfiles(completed, input.profiles, input.services)
  if (problems.every(({ severity }) => severity !== 'error'))
    for (const problem of findInconsistencies(model, disabled)) report(problem)
  const isValid = problems.every(({ severity }) => severity !== 'error')
  return { project, model: isValid ? withoutUnused(model) : undefined, disabled, profiles, problems }
}

interface Layer {
  file: ComposeFile
  canonical: Mapping
}

/** `!reset` removes what stands below, `!override` puts its value in the place of what stands below. */
function layOver(base: Mapping, { file, canonical }: Layer): Mapping {
  const cleared = file.tags.reduce((tree, { path }) => without(tree, path), base)
  const own = file.tags
    .filter(({ tag }) => tag === '!reset')
    .reduce((tree, { path }) => without(tree, path), canonical)
  return mergeFiles(cleared, own)
}

function createReader(input: ComposeInput, check: (value: unknown) => SchemaFault[], problems: Problem[]) {
  const parse = (path: string): ComposeFile | undefined => {
    try {
      return parseComposeFile(input.texts?.[path] ?? readFileSync(path, 'utf8'), path)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      problems.push({
        severity: 'error',
        file: path,
        line: 1,
        column: 1,
        endLine: 1,
        endColumn: 1,
        path: '',
        message: code === 'ENOENT' ? 'there is no such file' : `the file cannot be read: ${code}`,
      })
      return undefined
    }
  }

  /** One file with what it includes and extends, canonical; paths in it begin at `folder`. */
  const file = (path: string, folder: string, opened: string[] = []): Layer => {
    const parsed = parse(path)
    if (!parsed) return { file: parseComposeFile('', path), canonical: {} }
    problems.push(...parsed.problems)
    if (parsed.problems.length > 0) return { file: parsed, canonical: {} }
    const fail = ({ path: at, message }: ComposeProblem) => problems.push(parsed.problemAt(at, message))
    const lookup = (name: string) => input.variables[name]
    const unset = new Set<string>()
    const filled = interpolateTree(
      parsed.value,
      lookup,
      (at, name) => {
        if (unset.has(name)) return
        unset.add(name)
        problems.push(
          parsed.problemAt(at, `the variable ${name} is not set: it becomes empty`, { severity: 'notice' }),
        )
      },
      fail,
    ) as Mapping
    const toValidate = parsed.tags
      .filter(({ tag }) => tag === '!reset')
      .reduce((tree, { path: at }) => without(tree, at), filled)
    const faults = check(toValidate)
    for (const { path: at, message, isKey } of faults) problems.push(parsed.problemAt(at, message, { isKey }))
    if (faults.length > 0) return { file: parsed, canonical: {} }
    try {
      const own = extendServices(toCanonical(filled, folder), {
        path,
        folder,
        readService: (other) => {
          if (opened.includes(other)) return {}
          return file(other, dirname(other), [...opened, path]).canonical
        },
      })
      return { file: parsed, canonical: include(filled, own, folder, [...opened, path]) }
    } catch (error) {
      if (!(error instanceof ComposeProblem)) throw error
      fail(error)
      return { file: parsed, canonical: {} }
    }
  }

  /** Lays included projects under a file; each has paths of its own. A service may stand in one of them alone. */
  const include = (filled: Mapping, own: Mapping, folder: string, opened: string[]): Mapping => {
    let result: Mapping = {}
    for (const [index, entry] of ((filled.include ?? []) as unknown[]).entries()) {
      const { path, project_directory, env_file } = isMapping(entry) ? entry : { path: entry }
      const at: Path = ['include', index]
      if (env_file !== undefined) throw new ComposeProblem(at, 'env_file of an include is not supported')
      const paths = [path].flat().map((one) => resolve(folder, String(one)))
      if (paths.some((one) => opened.includes(one))) throw new ComposeProblem(at, 'the file includes itself')
      const place = project_directory
        ? resolve(folder, String(project_directory))
        : dirname(paths[0] ?? folder)
      const included = paths
        .map((one) => file(one, place, opened))
        .reduce<Mapping>((base, layer) => layOver(base, layer), {})
      for (const section of ['services', 'networks', 'volumes', 'secrets', 'configs']) {
        const [left, right] = [(result[section] ?? {}) as Mapping, (included[section] ?? {}) as Mapping]
        const twin = Object.keys(right).find(
          (name) => name in left && JSON.stringify(left[name]) !== JSON.stringify(right[name]),
        )
        if (twin) throw new ComposeProblem(at, `${twin} stands in another included file as well`)
      }
      result = mergeFiles(result, included)
    }
    const { name: _name, ...rest } = result
    return mergeFiles(rest, own)
  }
  return { file }
}

/** `-p`, then COMPOSE_PROJECT_NAME, then the files' `name`, then the folder's name as compose cleans it. */
function nameProject({ project, variables, folder }: ComposeInput, merged: Mapping): string {
  const named = project ?? (variables.COMPOSE_PROJECT_NAME || undefined) ?? merged.name
  return String(
    named ??
      basename(folder)
        .toLowerCase()
        .replaceAll(/[^a-z0-9_-]/g, '')
        .replace(/^[_-]+/, ''),
  )
}

const defaultNames = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml']
const overrideNames = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
]

/** The compose files that a folder has by name: the first of the default names, and an override; `texts` are there too. */
export function findComposeFiles(folder: string, texts: Record<string, string> = {}): string[] {
  const find = (names: string[]) =>
    names.map((name) => join(folder, name)).find((path) => existsSync(path) || texts[path] !== undefined)
  const main = find(defaultNames)
  const override = find(overrideNames)
  return main ? [main, ...(override ? [override] : [])] : []
}
