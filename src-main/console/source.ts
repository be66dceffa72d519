import type { z } from 'zod'
import { AtlasError } from '../errors.ts'
import { listParameters, type Runnable, readScript, type Selection } from './script.ts'
import type { source } from './statementContract.ts'
import type { ConsoleDependencies } from './tabs.ts'

type Source = z.infer<typeof source>
type Parameters = Selection['parameters']

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
  readDraft: ConsoleDependencies['readDraft'],
  { sessionId, text, version, cursor, range }: Source,
): Promise<ReadSource> {
  if (text !== undefined) return reader(text, { cursor, range })
  if (version === undefined) {
    throw new AtlasError('INPUT_INVALID', 'There is neither a text nor the version of a draft', {
      saved: 'Nothing was run.',
    })
  }
  const draft = readDraft(sessionId, version)
  // What is not closed is said with its place by who cuts all of it.
  const found = cursor === undefined ? undefined : await draft.locate(cursor).catch(() => undefined)
  return reader(draft.text, found ? { range: { start: found.start, end: found.next } } : { cursor, range })
}

const reader = (text: string, selection: Selection): ReadSource => ({
  text,
  pieces: (parameters) => readScript(text, { ...selection, parameters }),
  parameters: () => listParameters(text, selection),
})
