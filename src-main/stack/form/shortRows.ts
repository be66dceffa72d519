/** Short forms taken apart as they were written, with their variables, and put together again. */

export type Cells = Record<string, string>

/** Splits at a sign that stands neither in `${…}` nor in brackets. */
function splitOutside(text: string, sign: string): string[] {
  const parts = ['']
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? ''
    if (text.startsWith('${', at) || character === '[') depth += 1
    else if ((character === '}' || character === ']') && depth > 0) depth -= 1
    if (character === sign && depth === 0) parts.push('')
    else parts[parts.length - 1] += character
  }
  return parts
}

/** `[IP:][HOST:]CONTAINER[/protocol]`. */
export function readPort(text: string): Cells {
  const [address = '', protocol] = splitOutside(text, '/')
  const parts = splitOutside(address, ':')
  const [target = '', published, ...ip] = parts.toReversed()
  return {
    ...(ip.length > 0 && { hostIp: ip.toReversed().join(':') }),
    ...(published !== undefined && published !== '' && { published }),
    target,
    ...(protocol !== undefined && { protocol }),
  }
}

export function writePort({ hostIp = '', published = '', target = '', protocol = '' }: Cells): string {
  const host = hostIp !== '' ? `${hostIp}:${published}:` : published !== '' ? `${published}:` : ''
  return `${host}${target}${protocol !== '' ? `/${protocol}` : ''}`
}

/** `[SOURCE:]TARGET[:options]`. */
export function readVolume(text: string): Cells {
  const drive = /^[A-Za-z]:(?=[\\/])/.exec(text)?.[0] ?? ''
  const [first = '', second, ...options] = splitOutside(text.slice(drive.length), ':')
  if (second === undefined) return { target: drive + first }
  return { source: drive + first, target: second, ...(options.length > 0 && { options: options.join(':') }) }
}

export function writeVolume({ source = '', target = '', options = '' }: Cells): string {
  if (source === '') return target
  return `${source}:${target}${options !== '' ? `:${options}` : ''}`
}

/** `NAME=value`; without the sign the value comes from outside. */
export function readVariable(text: string): Cells {
  const at = text.indexOf('=')
  return at === -1 ? { name: text } : { name: text.slice(0, at), value: text.slice(at + 1) }
}

export function writeVariable({ name = '', value }: Cells): string {
  return value === undefined ? name : `${name}=${value}`
}
