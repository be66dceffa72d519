const secretName = /pass(word|wd|phrase)?$|secret|token|api_?key|private_?key|credential|auth(_|$)/i
const withCredentials = /^([a-z][a-z0-9+.-]*:\/\/[^:/@\s]*:)[^@\s]+(@.*)$/i

export const mask = '••••••••'

/** Whether a variable of this name, or with this value, holds a secret. */
export function isSecret(name: string, value: string): boolean {
  return value !== '' && (secretName.test(name) || withCredentials.test(value))
}

/** The value without its secret: an address loses its password alone. */
export function masked(name: string, value: string): string {
  if (withCredentials.test(value)) return value.replace(withCredentials, `$1${mask}$2`)
  return isSecret(name, value) ? mask : value
}

/** The engine's answer as JSON in which no secret stands: neither in `A=b` entries nor after an option that takes one. */
export function maskedJson(value: unknown): string {
  const walk = (node: unknown, name: string): unknown => {
    if (typeof node === 'string') {
      const entry = /^([A-Za-z_][A-Za-z0-9_]*)=([\s\S]*)$/.exec(node)
      if (entry) return `${entry[1]}=${masked(entry[1] ?? '', entry[2] ?? '')}`
      return masked(name, node)
    }
    if (Array.isArray(node))
      return node.map((item, at) => {
        const option = at > 0 && typeof node[at - 1] === 'string' ? (node[at - 1] as string) : ''
        return typeof item === 'string' && /^--?(requirepass|password|token|secret)/i.test(option)
          ? mask
          : walk(item, name)
      })
    if (node && typeof node === 'object')
      return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, walk(item, key)]))
    return node
  }
  return JSON.stringify(walk(value, ''), null, 2)
}
