import vm from 'node:vm'
import { AtlasError } from '../errors.ts'
import type { LogFilter } from './contract.ts'
import { plainText } from './level.ts'

const timeoutMs = 400

// The search of many lines in one call: V8 interrupts it, and a regular expression within it, when its time is over.
const search = new vm.Script(
  '(() => { const found = []; for (let at = 0; at < lines.length; at++) if (pattern.test(lines[at])) found.push(at); return found })()',
)

/**
 * Compiles what is searched for; undefined where nothing is. What it returns tells which of some lines match, and throws
 * `INPUT_INVALID` where the pattern needs too long, as one that tries the same text in ever new ways does.
 */
export function compileMatcher(
  filter: Pick<LogFilter, 'pattern' | 'isRegex' | 'isCaseSensitive'>,
): ((lines: readonly string[]) => number[]) | undefined {
  if (!filter.pattern) return undefined
  const pattern = compile(filter.pattern, filter)
  const context = vm.createContext({ pattern, lines: [] as string[] })
  return (lines) => {
    context.lines = lines.map(plainText)
    try {
      return [...(search.runInContext(context, { timeout: timeoutMs }) as number[])]
    } catch (cause) {
      throw new AtlasError(
        'INPUT_INVALID',
        'The pattern takes too long on a line of this log',
        {
          object: filter.pattern,
          detail: `Stopped after ${timeoutMs} ms`,
          next: 'Make it simpler: repetitions within repetitions, such as (a+)+, are what takes long.',
        },
        { cause },
      )
    } finally {
      context.lines = []
    }
  }
}

function compile(
  source: string,
  { isRegex, isCaseSensitive }: Pick<LogFilter, 'isRegex' | 'isCaseSensitive'>,
) {
  try {
    return new RegExp(
      isRegex ? source : source.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
      isCaseSensitive ? '' : 'i',
    )
  } catch (cause) {
    throw new AtlasError(
      'INPUT_INVALID',
      'This is no regular expression',
      {
        object: source,
        detail: (cause as Error).message,
        next: 'Correct it, or search for the text as it is.',
      },
      { cause },
    )
  }
}
