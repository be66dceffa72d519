/**
 * JSON with line ends and indents, token by token: every number, escape and order of keys stays as it was sent. Undefined
 * where the text is no JSON.
 */
export function indentJson(text: string): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined
  let out = ''
  let depth = 0
  const newline = () => `\n${'  '.repeat(depth)}`
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? ''
    if (character === '"') {
      let end = at + 1
      while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1
      out += text.slice(at, end + 1)
      at = end
    } else if (character === '{' || character === '[') {
      const close = /^\s*[}\]]/.exec(text.slice(at + 1, at + 40))?.[0]
      if (close) {
        out += character + close.trim()
        at += close.length
      } else {
        depth++
        out += character + newline()
      }
    } else if (character === '}' || character === ']') {
      depth--
      if (depth < 0) return undefined
      out += newline() + character
    } else if (character === ',') out += character + newline()
    else if (character === ':') out += ': '
    else if (!/\s/.test(character)) out += character
  }
  return depth === 0 ? out : undefined
}
