import { setTimeout as sleep } from 'node:timers/promises'
import type { TabSession } from './tabSession.ts'

const defaultSilentMs = 8000
const askedEveryMs = 250

interface Dependencies {
  own: Pick<TabSession, 'session' | 'giveUp'>
  /** A server that answers no cancel for this time is given up, and the connection with it. */
  silentMs?: number | undefined
}

/** Cancels of what a tab's session does: asked until they take effect, and never of what comes next. */
export function createTabCancel({ own, silentMs = defaultSilentMs }: Dependencies) {
  /** Those that the server has not answered yet: each may still hit whatever the session runs. */
  const asked = new Set<Promise<boolean>>()
  let isEnding = false

  /** Asks the server to cancel what the session runs; whether it answered. */
  const ask = (): Promise<boolean> => {
    if (!own.session || isEnding) return Promise.resolve(true)
    const answer = own.session.cancel().then(
      () => true,
      () => false,
    )
    asked.add(answer)
    return answer.finally(() => asked.delete(answer))
  }

  return {
    ask,

    /** A backend that has not begun the statement yet ignores the signal: asks until `done`, which is when `isOver` is true. */
    insist: async (done: Promise<void>, isOver: () => boolean): Promise<void> => {
      for (let answeredAt = performance.now(); !isOver(); ) {
        const isAnswered = await Promise.race([
          ask(),
          sleep(silentMs, false, { ref: false }),
          done.then(() => true),
        ])
        if (isAnswered) answeredAt = performance.now()
        else if (performance.now() - answeredAt >= silentMs) own.giveUp()
        await Promise.race([done, sleep(askedEveryMs, undefined, { ref: false })])
      }
    },

    /** No cancel may hit what is run next: all are answered, and the session answers once more, before that. */
    outlast: async (isCancelled: boolean): Promise<void> => {
      if (!own.session || (!isCancelled && asked.size === 0)) return
      isEnding = true
      const answered = new AbortController()
      const silence = sleep(silentMs, undefined, { ref: false, signal: answered.signal }).then(
        () => own.giveUp(),
        () => {},
      )
      const answers = Promise.all(asked).then(() => own.session?.client.query('').catch(() => {}))
      await Promise.race([answers, silence])
      answered.abort()
      isEnding = false
    },
  }
}
