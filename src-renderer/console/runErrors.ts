import { useConsoles } from './tabs.ts'

/** Notes why something did not begin in a tab; undefined forgets it. */
export function failOf(id: string, error: unknown): void {
  useConsoles.setState(({ errors }) => ({ errors: { ...errors, [id]: error } }))
}
