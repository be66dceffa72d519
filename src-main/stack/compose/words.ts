/**
 * Splits a command into words as a shell would, without running one: quotes group, a backslash takes the next character
 * as it is. Throws a `RangeError` where a quote stays open.
 */
export function splitWords(text: string): string[] {
  const words: string[] = []
  let word = ''
  let isWord = false
  let quote = ''
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? ''
    if (character === '\\' && quote !== "'") {
      const next = text[at + 1]
      if (next === undefined) throw new RangeError('the command ends with a backslash')
      word += next
      isWord = true
      at += 1
    } else if (quote !== '') {
      if (character === quote) quote = ''
      else word += character
    } else if (character === '"' || character === "'") {
      quote = character
      isWord = true
    } else if (/\s/.test(character)) {
      if (isWord) words.push(word)
      word = ''
      isWord = false
    } else {
      word += character
      isWord = true
    }
  }
  if (quote !== '') throw new RangeError(`the command has an open ${quote}`)
  if (isWord) words.push(word)
  return words
}
