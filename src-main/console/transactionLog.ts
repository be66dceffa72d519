import type { SessionState } from './sessionContract.ts'

type Entry = SessionState['rolledBack'][number]

const kept = 200
const keptCharacters = 500
// These change nothing that a rollback would take away.
const harmless =
  /^(?:SELECT|SHOW|BEGIN|START|SET|RESET|EXPLAIN|FETCH|MOVE|DECLARE|SAVEPOINT|RELEASE|LISTEN|UNLISTEN|LOCK|VALUES)\b/

/** What the open transaction of a session has done, so that it can be named when it is lost. */
export function createTransactionLog() {
  let entries: Entry[] = []
  return {
    /** Notes a statement; `isOpen`: a transaction is open behind it. */
    note: (text: string, command: string | null, isOpen: boolean): void => {
      if (!isOpen) entries = []
      else if (command !== null && !harmless.test(command) && entries.length < kept)
        entries.push({ text: text.slice(0, keptCharacters), command })
    },
    /** What is gone, and begins anew. */
    take: (): Entry[] => {
      const gone = entries
      entries = []
      return gone
    },
  }
}
