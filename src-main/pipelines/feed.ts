import type { Database, Session } from '../adapters/postgres.ts'
import { sql, trustedStatement } from '../sql.ts'
import { channel } from './sql.ts'

/** Tells of every change of a run on this database, by LISTEN; a slow clock stands in where the session is lost. */
export function createRunFeed(db: Pick<Database, 'session'>) {
  const listeners = new Set<(runId: string | undefined) => void>()
  let session: Promise<Session> | undefined

  function listen() {
    session ??= db.session('pipelines feed').then(async (open) => {
      open.client.on('notification', ({ payload }) => {
        for (const hear of listeners) hear(payload)
      })
      open.client.on('end', () => {
        session = undefined
      })
      await open.run(trustedStatement(`listen ${channel}`))
      return open
    })
    session.catch(() => {
      session = undefined
    })
  }

  return {
    /** Calls `hear` with the id of a run that changed, or with undefined when it is time to look anyway. */
    subscribe(hear: (runId: string | undefined) => void): () => void {
      listen()
      listeners.add(hear)
      const timer = setInterval(() => {
        listen()
        hear(undefined)
      }, 5000)
      return () => {
        clearInterval(timer)
        listeners.delete(hear)
      }
    },

    /** Yields what `read` answers, now and after every change that `concerns` it, at most five times a second. */
    async *follow<T>(
      read: () => Promise<T>,
      concerns: (runId: string | undefined) => boolean,
      isLast: (value: T) => boolean,
      signal: AbortSignal | undefined,
    ): AsyncGenerator<T> {
      let wake = () => {}
      let isDirty = true
      const unsubscribe = this.subscribe((runId) => {
        if (!concerns(runId)) return
        isDirty = true
        wake()
      })
      signal?.addEventListener('abort', () => wake())
      try {
        while (!signal?.aborted) {
          if (!isDirty) {
            await new Promise<void>((resolve) => {
              wake = resolve
            })
            continue
          }
          isDirty = false
          const value = await read()
          yield value
          if (isLast(value)) return
          await new Promise((resolve) => setTimeout(resolve, 200))
        }
      } finally {
        unsubscribe()
      }
    },

    close: async () => {
      const open = await session?.catch(() => undefined)
      await open?.run(sql`unlisten *`).catch(() => {})
      await open?.close()
    },
  }
}
