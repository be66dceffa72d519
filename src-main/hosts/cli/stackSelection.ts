import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import type { Selection } from '../../stack/contract.ts'

export interface StackOptions {
  file?: string[]
  project?: string
  profile?: string[]
  envFile?: string[]
}

const composeNames = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml']

/** What the options mean: the files given, else those of this folder, else the stack that was chosen in the app. */
export function selectionOf({ file, project, profile, envFile }: StackOptions): Selection {
  const isHere = composeNames.some((name) => existsSync(join(process.cwd(), name)))
  return {
    ...(file && { files: file.map((path) => resolve(path)) }),
    ...(!file && isHere && { folder: process.cwd() }),
    ...(envFile && { envFiles: envFile.map((path) => resolve(path)) }),
    ...(project && { project }),
    ...(profile && { profiles: profile }),
  }
}

/** Adds the options that name a stack. */
export function withStackOptions(command: Command): Command {
  const collect = (value: string, before: string[] = []) => [...before, value]
  return command
    .option('-f, --file <file>', 'a compose file; may be given again', collect)
    .option('-p, --project <name>', 'the name of the project')
    .option('--profile <name>', 'a profile that is on; may be given again', collect)
    .option('--env-file <file>', 'variables instead of .env; may be given again', collect)
}
