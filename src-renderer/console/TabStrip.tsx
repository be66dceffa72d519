import { IconDatabaseEdit, IconFileTypeSql, IconX } from '@tabler/icons-react'
import { State } from '../ui/State.tsx'
import { Clock } from './Clock.tsx'
import { renameTab, turnTab, useConsoles } from './tabs.ts'

/** The tabs, each with what its session does: running, a transaction open, or nothing. */
export function TabStrip({ active, onClose }: { active: string; onClose: (id: string) => void }) {
  const { tabs, sessions } = useConsoles()
  return (
    <div className="con__tabs" role="tablist" aria-label="Consoles">
      {tabs.map(({ id, title }) => {
        const session = sessions[id]
        const isOpen = session !== undefined && session.transaction !== 'idle'
        return (
          <span key={id} className={`ctab${isOpen ? ' ctab--open' : ''}${id === active ? ' is-active' : ''}`}>
            <button
              type="button"
              role="tab"
              aria-selected={id === active}
              tabIndex={id === active ? 0 : -1}
              className="ctab__name"
              title={`${title}: double-click renames, Delete closes`}
              onClick={() => useConsoles.setState({ active: id })}
              onDoubleClick={() => renameTab(id, window.prompt('Name of the tab', title) ?? '')}
              onKeyDown={(event) => {
                if (event.key === 'ArrowRight') turnTab(1)
                else if (event.key === 'ArrowLeft') turnTab(-1)
                else if (event.key === 'Delete') onClose(id)
              }}
            >
              {session?.isRunning ? (
                <State name="running" />
              ) : isOpen ? (
                <span className="ctab__tx" title="Transaction open">
                  <IconDatabaseEdit className="icon icon--14" />
                </span>
              ) : (
                <IconFileTypeSql className="icon icon--14" />
              )}
              {title}
              {session?.isRunning && session.startedAt && (
                <span className="ctab__note">
                  <Clock since={session.startedAt} />
                </span>
              )}
              {!session?.isRunning && session?.transactionSince && (
                <span className="ctab__note">
                  <Clock since={session.transactionSince} />
                </span>
              )}
            </button>
            <button
              type="button"
              className="icon-btn icon-btn--sm"
              // A list of tabs holds tabs alone: with the keyboard Delete or Alt+W closes.
              aria-hidden="true"
              tabIndex={-1}
              title={`Close ${title} (Alt+W)`}
              onClick={() => onClose(id)}
            >
              <IconX className="icon icon--12" />
            </button>
          </span>
        )
      })}
    </div>
  )
}
