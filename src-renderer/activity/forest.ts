import type { Session } from '../../src-main/activity/contract.ts'

export interface Branch {
  session: Session
  depth: number
  /** Sessions that wait for it, at any depth. */
  waiting: number
}

/**
 * Who waits for whom, as lines of a tree: those that hold something and wait for nobody, each followed by those behind
 * it. A session that waits for several stands behind the first; a circle, which the server is about to break, begins anywhere.
 */
export function forestOf(sessions: readonly Session[]): Branch[] {
  const byProcess = new Map(sessions.map((session) => [session.processId, session]))
  const behind = new Map<number, Session[]>()
  for (const session of sessions) {
    const blocker = session.blockedBy.find((processId) => byProcess.has(processId))
    if (blocker !== undefined) behind.set(blocker, [...(behind.get(blocker) ?? []), session])
  }
  const branches: Branch[] = []
  const seen = new Set<number>()
  const walk = (session: Session, depth: number): number => {
    seen.add(session.processId)
    const branch: Branch = { session, depth, waiting: 0 }
    branches.push(branch)
    for (const next of behind.get(session.processId) ?? []) {
      if (!seen.has(next.processId)) branch.waiting += 1 + walk(next, depth + 1)
    }
    return branch.waiting
  }
  const isRoot = ({ processId, blockedBy }: Session) =>
    behind.has(processId) && !blockedBy.some((one) => byProcess.has(one))
  for (const session of sessions) if (isRoot(session)) walk(session, 0)
  for (const session of sessions)
    if (session.blockedBy.length > 0 && !seen.has(session.processId)) walk(session, 0)
  return branches
}
