import { readFileSync } from 'node:fs'

/** The text of a file of the stack; empty where it cannot be read, which is a problem that reading the stack names. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
