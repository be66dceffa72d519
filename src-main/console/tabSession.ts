import type pg from 'pg'
import type { Database, Session } from '../adapters/postgres.ts'
import { sql } from '../sql.ts'
import { openReader } from './reader.ts'
import type { Notification, ReadOnlyGuard, SessionSettings, SessionState } from './sessionContract.ts'
import { applySettings, defaultSettings, needsBegin } from './settings.ts'
import { createTransactionLog } from './transactionLog.ts'

interface TabSessionDependencies {
  db: Pick<Database, 'session'>
  onNotice: (notice: string) => void
  changed: () => void
  /** How the tab was set up when it was there last. */
  kept: KeptSession
  /** Called with how it is set up now. */
  keep: (kept: KeptSession) => void
}

const keptNotifications = 1000

/** What of a session outlives the process. */
export interface KeptSession {
  settings: SessionSettings
  isReadOnly: boolean
}

/** A tab's session with the server: opened with the first use and anew after it was lost, set up as the tab wants it. */
export function createTabSession({ db, onNotice, changed, kept, keep }: TabSessionDependencies) {
  const log = createTransactionLog()
  let session: Session | undefined
  let opening: Promise<Session> | undefined
  let { settings, isReadOnly } = kept
  let guard: ReadOnlyGuard | null = null
  /** What the session has been set up with. */
  let applied = defaultSettings
  let transaction: SessionState['transaction'] = 'idle'
  let transactionSince: Date | null = null
  let changedRows = 0
  let remark: string | null = null
  let rolledBack: SessionState['rolledBack'] = []
  let isListening = false
  /** Newest first. */
  let notifications: Notification[] = []
  let notified = 0

  const readTransaction = () => {
    transaction = session ? transactionOf(session) : 'idle'
    if (transaction === 'idle') changedRows = 0
    transactionSince = transaction === 'idle' ? null : (transactionSince ?? new Date())
  }

  const settle = async (opened: Session) => {
    if (applied === settings || transactionOf(opened) !== 'idle') return
    const wanted = settings
    await applySettings(opened, bound(wanted))
    applied = wanted
  }

  /** A login that may only read takes no role of another. */
  const bound = (wanted: SessionSettings) => (guard?.login ? { ...wanted, role: null } : wanted)

  const connect = async (makesLogin: boolean): Promise<Session> => {
    if (!isReadOnly) return db.session('console')
    const opened = await openReader(db, 'console', { makesLogin })
    guard = opened.guard
    return opened.session
  }

  const lose = (which: Session) => {
    if (session !== which) return
    const wasOpen = transaction !== 'idle'
    rolledBack = log.take()
    const unheard = isListening ? ' It listens to no channel any more: run LISTEN again.' : ''
    isListening = false
    remark = `The connection was lost${wasOpen ? ' and the open transaction was rolled back' : ''}. The next run opens a new session.${unheard}`
    session = undefined
    readTransaction()
    changed()
  }

  const hear = ({ channel, payload = '', processId }: pg.Notification) => {
    const heard = { number: ++notified, at: new Date(), channel, payload, processId }
    notifications = [heard, ...notifications].slice(0, keptNotifications)
    changed()
  }

  return {
    get session() {
      return session
    },
    get isConnected() {
      return session !== undefined || opening !== undefined
    },
    get transaction() {
      return transaction
    },
    /** Whether it listens to a channel: it is of use then although nothing runs. */
    get isListening() {
      return isListening
    },
    get notifications() {
      return notifications
    },
    get isReadOnly() {
      return isReadOnly
    },
    get guard() {
      return guard
    },

    state: () => ({
      isReadOnly,
      guard,
      processId: session?.processId ?? null,
      transaction,
      transactionSince,
      changedRows,
      remark,
      rolledBack,
      settings,
      isListening,
      notifications: notified,
    }),

    open: async (makesLogin = false): Promise<Session> => {
      if (session) {
        await settle(session)
        return session
      }
      opening ??= connect(makesLogin)
      try {
        const opened = await opening
        applied = defaultSettings
        await settle(opened).catch(async (error) => {
          await opened.close()
          throw error
        })
        session = opened
        remark = null
        rolledBack = []
        opened.client.on('notice', ({ severity, message }) => onNotice(`${severity}: ${message}`))
        opened.client.on('notification', hear)
        opened.client.once('end', () => lose(opened))
        return opened
      } finally {
        opening = undefined
      }
    },

    /** Opens a transaction before a statement, where the tab does not commit by itself. */
    begin: async (opened: Session, text: string): Promise<void> => {
      if (settings.isAutocommit || transactionOf(opened) !== 'idle' || !needsBegin(text)) return
      await opened.run(sql`begin`)
    },

    /** Notes what a statement has done. */
    note: (text: string, command: string | null, rows: number): void => {
      if (/^(?:INSERT|UPDATE|DELETE|MERGE|COPY)\b/.test(command ?? '')) changedRows += rows
      if (command === 'LISTEN') isListening = true
      else if (command === 'UNLISTEN' && /\*\s*;?\s*$/.test(text)) isListening = false
      log.note(text, command, session !== undefined && transactionOf(session) !== 'idle')
    },

    readTransaction,

    configure: async (wanted: SessionSettings): Promise<void> => {
      const before = settings
      settings = wanted
      try {
        if (session) await settle(session)
      } catch (error) {
        settings = before
        // What of it was set already is undone.
        if (session) await applySettings(session, bound(before)).catch(() => {})
        applied = before
        throw error
      } finally {
        keep({ settings, isReadOnly })
        changed()
      }
    },

    /** The session is opened anew for it, while no transaction is open: what only that one knew is gone. */
    setReadOnly: async (wanted: boolean): Promise<void> => {
      isReadOnly = wanted
      guard = null
      keep({ settings, isReadOnly })
      const was = session
      session = undefined
      isListening = false
      await was?.close()
    },

    /** Leaves a server that does not answer: the socket is closed without a word to it. */
    giveUp: (): void => session?.abandon(),

    disconnect: async (reason: string | null): Promise<void> => {
      const was = session
      session = undefined
      isListening = false
      if (was !== undefined && reason) {
        remark = reason
        rolledBack = log.take()
      }
      readTransaction()
      await was?.close()
      changed()
    },
  }
}

export type TabSession = ReturnType<typeof createTabSession>

export function transactionOf({ client }: Session): SessionState['transaction'] {
  const status = (
    client as typeof client & { getTransactionStatus?: () => string | null }
  ).getTransactionStatus?.()
  return status === 'T' ? 'open' : status === 'E' ? 'failed' : 'idle'
}
