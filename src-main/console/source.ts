import type { z } from 'zod'
import { AtlasError } from '../errors.ts'
import { bindResults, type NamedResults } from './namedResults.ts'
import { listParameters, type Runnable, readScript, type Selection } from './script.ts'
import type { source } from './statementContract.ts'
import type { ConsoleDependencies } from './tabs.ts'

type Source = z.infer<typeof source>
type Parameters = Selection['parameters']

/** Where drafts are, and results that have names. */
export type SourceDependencies = Pick<ConsoleDependencies, 'readDraft'> & NamedResults

/** A text and what of it is meant, for the one or the other reader. */
export interface ReadSource {
  text: string
  pieces(parameters?: Parameters): Promise<Runnable[]>
  parameters(): Promise<{ name: string; statement: string }[]>
}

/**
 * What a call is about: the text that it brought, or the tab's own draft, of which only the statement at the cursor is cut.
 * `INPUT_INVALID` where it names neither, `CONFLICT` where the draft is at another version.
 */
export async function readSource(
  { readDraft, ...named }: SourceDependencies,
  { sessionId, text, version, cursor, range }: Source,
): Promise<ReadSource> {
  if (text !== undefined) return reader(named, text, { cursor, range })
  if (version === undefined) {
    throw new AtlasError('INPUT_INVALID', 'There is neither a text nor the version of a draft', {
      saved: 'Nothing was run.',
    })
  }
  const draft = readDraft(sessionId, version)
  // What is not closed is said with its place by who cuts all of it.
  const found = cursor === undefined ? undefined : await draft.locate(cursor).catch(() => undefined)
  const selection = found ? { range: { start: found.start, end: found.next } } : { cursor, range }
  return reader(named, draft.text, selection)
}

const reader = (named: NamedResults, text: string, selection: Selection): ReadSource => ({
  text,
  pieces: async (parameters) => {
    const pieces: Runnable[] = []
    for (const piece of await readScript(text, { ...selection, parameters }))
      pieces.push(await bindResults(piece, named))
    return pieces
  },
  parameters: () => listParameters(text, selection),
})
