import { basename } from 'node:path'
import { interpolateText, TemplateError } from '../compose/interpolate.ts'
import type { LoadedStack } from '../compose/project.ts'
import { secretName } from '../files/envFile.ts'
import type { Filled } from '../formContract.ts'

export type Variables = Pick<LoadedStack, 'variables' | 'origins'>

/** `postgres://user:password@host`. */
const withPassword = /:\/\/[^:/@\s]*:[^@\s]+@/

/** Whether a text holds a secret by itself: not one that only names the variable of it. */
export function isSecretText(name: string, text: string): boolean {
  const own = text
    .replaceAll(/\$\{[A-Za-z_][A-Za-z0-9_]*(:?\?[^}]*)?\}|\$[A-Za-z_][A-Za-z0-9_]*/g, '')
    .replaceAll(/\$\{[A-Za-z_][A-Za-z0-9_]*:?[-+]([^{}]*)\}/g, '$1')
  return (secretName.test(name) && own !== '') || withPassword.test(own)
}

/** What a text becomes with its variables; undefined where it has none. */
export function fillIn(text: string, { variables, origins }: Variables): Filled | undefined {
  const names = variablesIn(text)
  if (names.length === 0) return undefined
  const from = (name: string) =>
    origins[name] !== undefined
      ? basename(origins[name])
      : variables[name] !== undefined
        ? 'the environment'
        : new RegExp(`\\{${name}:?-`).test(text)
          ? 'its default'
          : 'not set'
  const shared = {
    isSecret: names.some((name) => secretName.test(name) || withPassword.test(variables[name] ?? '')),
    variables: names.map((name) => ({ name, from: from(name) })),
  }
  try {
    const { text: filled } = interpolateText(text, (name) => variables[name])
    return { ...shared, text: filled, isSecret: shared.isSecret || withPassword.test(filled) }
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    return { ...shared, text: '', problem: error.message }
  }
}

/** The variables that a text names, each once. */
export function variablesIn(text: string): string[] {
  const named = text.replaceAll('$$', '').matchAll(/\$\{?([A-Za-z_][A-Za-z0-9_]*)/g)
  return [...new Set([...named].map(([, name = '']) => name))]
}
