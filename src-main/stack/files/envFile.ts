import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '../../durableFile.ts'
import { readVariables } from './envText.ts'

/** Names of variables that hold something secret. */
export const secretName = /PASSWORD|PASSWD|SECRET|TOKEN|AUTH_STRING|PRIVATE_KEY|API_?KEY/i

/** Writes an env file whole or not at all, readable by its owner alone. */
export async function writeEnvFile(path: string, text: string): Promise<void> {
  // One that is there keeps its mode.
  if (existsSync(path)) chmodSync(path, 0o600)
  await writeDurably(path, text, 0o600)
}

/** 32 characters that need no quoting in a URL, a shell or an env file; `user:password` where the name asks for it. */
export function generateSecret(name: string): string {
  const password = randomBytes(24).toString('base64url')
  return name.endsWith('AUTH_STRING') ? `atlas:${password}` : password
}

/**
 * The secrets that `.env.example` leaves empty or at `changethis` and that nothing sets, with generated values. A value with
 * a shape of its own (`user:password`) keeps its user. Undefined where the folder has no `.env.example`.
 */
export function missingSecrets(
  folder: string,
  variables: Record<string, string>,
): Record<string, string> | undefined {
  const example = join(folder, '.env.example')
  if (!existsSync(example)) return undefined
  const wanted = readVariables(readFileSync(example, 'utf8'))
    .filter(({ value }) => /^(change_?(this|me))?$/i.test(value))
    .map(({ name }) => name)
    .filter((name) => secretName.test(name) && !variables[name])
  return Object.fromEntries(wanted.map((name) => [name, generateSecret(name)]))
}

/** The text that `.env` begins with: what is there, else the example. */
export function envText(folder: string): string {
  const [own, example] = [join(folder, '.env'), join(folder, '.env.example')]
  return readFileSync(existsSync(own) ? own : example, 'utf8')
}

/** Secrets that the files read and whose value everybody knows. */
export function weakSecrets(variables: Record<string, string>, fileText: string): string[] {
  return Object.entries(variables).flatMap(([name, value]) =>
    secretName.test(name) && /changethis/i.test(value) && fileText.includes(name) ? [name] : [],
  )
}
