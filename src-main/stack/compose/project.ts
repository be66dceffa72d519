import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'
import { AtlasError } from '../../errors.ts'
import type { Problem, Selection } from '../contract.ts'
import { findComposeFiles, readCompose } from './compose.ts'
import { DotenvError, parseDotenv } from './dotenv.ts'
import type { ComposeModel, ServiceModel } from './model.ts'
import { createSchemaCheck } from './schema.ts'

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
  /** The env file that each variable comes from; what the process brings has none. */
  origins: Record<string, string>
  /** Profiles that are on. */
  activeProfiles: string[]
  /** Profiles that the files name. */
  profiles: string[]
  /** Services that are on. Undefined where the files are not valid, and where there are none. */
  model: ComposeModel | undefined
  /** Services whose profiles are off. */
  disabled: Record<string, ServiceModel>
  problems: Problem[]
  /** The program's own folder, where the stack is the one that it brings, unchanged. */
  program?: string | undefined
}

/** What a caller may add to a selection. */
export interface LoadOptions {
  /** Services that were named: their profiles are on. */
  services?: string[] | undefined
  /** Texts that stand in for files, by absolute path. */
  texts?: Record<string, string>
}

/** Reads the files of a selection. Throws `NOT_FOUND` where there is no compose file; what is wrong in one is a problem. */
export type LoadStack = (selection: Selection, options?: LoadOptions) => LoadedStack

/** `program` is the folder of the program, which its own stack is built from. */
export function createLoader(
  schemaFile: string,
  processVariables: NodeJS.ProcessEnv,
  program?: string,
): LoadStack {
  const check = createSchemaCheck(schemaFile)
  return (selection, options = {}) => {
    const start = resolve(
      selection.folder ?? (selection.files?.[0] ? dirname(resolve(selection.files[0])) : '.'),
    )
    const own = definedOnly(processVariables)
    const envFiles =
      selection.envFiles?.map((path) => resolve(path)) ??
      [resolve(start, '.env')].filter((path) => existsSync(path) || options.texts?.[path] !== undefined)
    const problems: Problem[] = []
    const variables = { ...own }
    const read: Record<string, string> = {}
    const origins: Record<string, string> = {}
    for (const path of envFiles) {
      const found = readEnvFile(path, { ...read, ...own }, options.texts?.[path], problems)
      Object.assign(read, found)
      for (const name of Object.keys(found)) if (own[name] === undefined) origins[name] = path
    }
    Object.assign(variables, read, own)
    const files = selection.files?.length
      ? selection.files.map((path) => resolve(path))
      : variables.COMPOSE_FILE
        ? variables.COMPOSE_FILE.split(delimiter).map((path) => resolve(start, path))
        : findComposeFiles(start, options.texts)
    if (files.length === 0) {
      throw new AtlasError('NOT_FOUND', 'There is no compose file', {
        object: start,
        next: 'Name one, or choose a folder that holds compose.yaml or docker-compose.yml.',
      })
    }
    const activeProfiles = [
      ...new Set([...(selection.profiles ?? []), ...splitList(variables.COMPOSE_PROFILES)]),
    ]
    const result = readCompose(
      {
        files,
        folder: start,
        variables,
        project: selection.project,
        profiles: activeProfiles,
        services: options.services,
        ...(options.texts && { texts: options.texts }),
      },
      check,
    )
    const isValid = problems.every(({ severity }) => severity !== 'error')
    return {
      ...result,
      model: isValid ? result.model : undefined,
      folder: start,
      files,
      envFiles,
      variables,
      origins,
      activeProfiles,
      problems: [...problems, ...result.problems],
      program: program && isBrought(program, files, options.texts) ? program : undefined,
    }
  }
}

/** SHA-256 of the compose file that the program brings and of its Dockerfile. */
const broughtDigest = '5c78b89b159a6daa25ee6743d5e61461feb494a8f002a0a2f9a034eb62c1d49d'

/** Whether a stack is the one that the program brings: its one compose file, and what that builds with, unchanged. */
function isBrought(program: string, files: readonly string[], texts: LoadOptions['texts']): boolean {
  const paths = ['docker-compose.yml', 'Dockerfile'].map((name) => join(program, 'resources', 'stack', name))
  if (files.length !== 1 || files[0] !== paths[0] || !paths.every((path) => existsSync(path))) return false
  const digest = createHash('sha256')
  for (const path of paths)
    digest.update((texts?.[path] ?? readFileSync(path, 'utf8')).replaceAll('\r\n', '\n')).update('\0')
  return digest.digest('hex') === broughtDigest
}

/** The model of a stack whose files are valid. Throws `COMPOSE_INVALID` with the first error's file and line. */
export function modelOf({ model, problems, files, project }: LoadedStack): ComposeModel {
  if (model) return model
  if (files.length === 0) {
    throw new AtlasError('NOT_FOUND', 'The compose files of this project are not on this machine', {
      object: project,
      saved: 'Nothing was started or changed.',
      next: 'It can be stopped, started and taken down as it is; to change it, name its files.',
    })
  }
  const errors = problems.filter(({ severity }) => severity === 'error')
  const [first] = errors
  throw new AtlasError(
    'COMPOSE_INVALID',
    `The compose file is not valid: ${first?.message ?? 'it is empty'}`,
    {
      object: first ? `${first.file}:${first.line}:${first.column}` : files[0],
      detail: errors
        .slice(1, 6)
        .map(({ file, line, message }) => `${file}:${line}: ${message}`)
        .join('\n'),
      saved: 'Nothing was started or changed.',
      next: 'Correct the file and try again.',
    },
  )
}

function readEnvFile(
  path: string,
  outer: Record<string, string>,
  text: string | undefined,
  problems: Problem[],
): Record<string, string> {
  const fail = (line: number, message: string) => {
    const place = { line, column: 1, endLine: line, endColumn: 200 }
    problems.push({ severity: 'error', file: path, ...place, path: '', message })
    return {}
  }
  try {
    return parseDotenv(text ?? readFileSync(path, 'utf8'), (name) => outer[name])
  } catch (error) {
    if (error instanceof DotenvError) return fail(error.line, error.message)
    return fail(1, `the file cannot be read: ${(error as NodeJS.ErrnoException).code}`)
  }
}

function splitList(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function definedOnly(variables: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
