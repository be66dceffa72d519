import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { LoadedStack } from '../compose/project.ts'
import { weakSecrets } from '../files/envFile.ts'
import { readText } from '../files/readText.ts'
import type { Finding } from '../planContract.ts'

/** A variable without a value is said where it can be given one: `known` are those that another finding names. */
export function checkFiles({ problems, files }: LoadedStack, known: readonly string[]): Finding[] {
  const own = problems.filter(
    ({ message }) => !known.some((name) => message.startsWith(`the variable ${name} `)),
  )
  if (problems.length === 0)
    return files.map((file) => ({ check: 'file', status: 'pass', object: file, message: 'it is valid' }))
  return own.map(({ severity, file, line, column, message }) => ({
    check: 'file',
    status: severity === 'error' ? 'fail' : 'warning',
    object: `${file}:${line}:${column}`,
    message,
    ...(severity === 'error' && {
      next: message.startsWith('the variable ') ? 'Set it in .env.' : 'Correct the file.',
    }),
  }))
}

export function checkSecrets(
  { folder, variables, files }: LoadedStack,
  missing: readonly string[],
  isLocal: boolean,
): Finding[] {
  const hasFile = existsSync(join(folder, '.env'))
  const weak = weakSecrets(variables, files.map(readText).join('\n'))
  if (missing.length === 0 && weak.length === 0)
    return [{ check: 'secrets', status: 'pass', object: '.env', message: 'every secret is set' }]
  return [
    ...(missing.length > 0
      ? [
          {
            check: 'secrets' as const,
            status: 'fail' as const,
            object: '.env',
            message: `${hasFile ? '' : 'There is no .env yet: '}${missing.join(', ')} ${missing.length === 1 ? 'has' : 'have'} no value.`,
            next: hasFile
              ? 'Set them in .env, or let Atlas write generated passwords there.'
              : 'Atlas can copy .env.example, with generated passwords in their places.',
            fix: {
              id: 'secrets',
              label: hasFile ? 'Write generated passwords to .env' : 'Make .env from .env.example',
            },
          },
        ]
      : []),
    ...weak.map(
      (name): Finding => ({
        check: 'secrets',
        status: isLocal ? 'warning' : 'fail',
        object: name,
        message: isLocal
          ? 'it is changethis, which everybody knows'
          : 'changethis is refused outside a local environment',
        next: 'Set another value in .env.',
      }),
    ),
  ]
}
