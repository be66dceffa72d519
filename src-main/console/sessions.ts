import type { ServiceOf } from '../contract.ts'
import type { sessionContract } from './sessionContract.ts'
import type { Tabs } from './tabs.ts'

/** Tabs as sessions: how they are set up, what they do now, and their end. */
export function createSessions(tabs: Tabs): ServiceOf<typeof sessionContract> {
  return {
    watch: async ({ sessionId }, { signal }) => tabs.of(sessionId).watch(signal),
    listNotifications: async ({ sessionId }) => tabs.find(sessionId)?.notifications() ?? [],
    cancel: async ({ sessionId }) => ({ isCancelled: tabs.find(sessionId)?.cancel() ?? false }),
    setReadOnly: async ({ sessionId, isReadOnly, makesLogin }) => {
      tabs.refuseTooMany(sessionId)
      return tabs.of(sessionId).setReadOnly(isReadOnly, makesLogin)
    },
    configure: async ({ sessionId, settings }) => {
      await tabs.of(sessionId).configure(settings)
      return settings
    },
    resume: async ({ sessionId }) => ({ isResumed: tabs.find(sessionId)?.resume() ?? false }),
    close: async ({ sessionId }) => ({ isClosed: await tabs.close(sessionId) }),
  }
}
