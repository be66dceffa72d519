/** A command as it was typed: `\dt+ explore.*` is `dt`, with a plus, and one argument. */
export interface PsqlCommand {
  name: string
  /** `+`: more columns. */
  isVerbose: boolean
  /** `S`: the objects of the system too. */
  hasSystem: boolean
  args: string[]
  /** Behind the name, as it was typed. */
  rest: string
}

const described = /^(d[a-zA-Z]*|l|list|z)([S+]*)$/

/** Reads a command's name, its signs and its arguments; quotes stay in the arguments, for names need them. */
export function readCommand(text: string): PsqlCommand {
  const head = /^\\(\S*)/.exec(text)?.[1] ?? ''
  const rest = text.slice(head.length + 1).trim()
  const split = splitName(head)
  return { ...split, args: splitArguments(rest), rest }
}

function splitName(head: string): Pick<PsqlCommand, 'name' | 'isVerbose' | 'hasSystem'> {
  const [, name = head, signs = ''] = described.exec(head) ?? []
  // `S` may stand in the letters too: `\dtS+`, `\dS`.
  const letters = name.startsWith('d') ? name.replaceAll('S', '') : name
  return { name: letters, isVerbose: signs.includes('+'), hasSystem: signs.includes('S') || letters !== name }
}

/** Words between blanks; quotes hold blanks together and stay. */
export function splitArguments(text: string): string[] {
  return text.match(/(?:"(?:[^"]|"")*"|'(?:[^']|'')*'|[^\s"'])+/g) ?? []
}

/** The text of an argument in single quotes, or as it stands. */
export function unquote(argument: string): string {
  const quoted = /^'([\s\S]*)'$/.exec(argument)?.[1]
  return quoted === undefined ? argument : quoted.replaceAll("''", "'")
}
