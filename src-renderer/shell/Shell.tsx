import { IconActivity, IconBell, IconHelp, IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { rpc } from '../rpc/client.ts'
import { forgetEnvironment } from '../rpc/transport.ts'
import { toFault } from '../ui/fault.ts'
import { plural } from '../ui/format.ts'
import { seeAlerts, useJobsFeed, useUnseenAlerts } from '../ui/useJobs.ts'
import { ActivityCentre } from './ActivityCentre.tsx'
import { EnvironmentSwitch } from './EnvironmentSwitch.tsx'
import { Mark } from './Mark.tsx'
import { Palette } from './Palette.tsx'
import { Shortcuts } from './Shortcuts.tsx'
import { StatusBar } from './StatusBar.tsx'
import { ViewBoundary } from './ViewBoundary.tsx'
import { settingsView, viewGroups } from './views.ts'

type Overlay = 'palette' | 'activity' | 'shortcuts' | undefined

/** The frame around every view. Needs no service to paint. */
export function Shell() {
  const [overlay, setOverlay] = useState<Overlay>()
  const { data: environment, error } = useQuery(rpc.environments.current.queryOptions())
  const path = useRouterState({ select: ({ location }) => location.pathname })
  useJobsFeed()
  const alerts = useUnseenAlerts()

  // The environment that this window remembers was removed elsewhere: it turns to the first one.
  const isGone = error !== null && toFault(error).code === 'NOT_FOUND'
  useEffect(() => {
    if (!isGone) return
    forgetEnvironment()
    window.location.reload()
  }, [isGone])

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const isTyping =
        event.target instanceof Element && event.target.closest('input, textarea, select, .monaco-editor')
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        setOverlay('palette')
      } else if (event.key === '?' && !isTyping) {
        setOverlay('shortcuts')
      }
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [])

  const close = () => setOverlay(undefined)
  const openActivity = () => {
    seeAlerts()
    setOverlay('activity')
  }
  return (
    <div className="shell" data-env={environment?.kind ?? 'local'}>
      <header className="titlebar">
        <div className="titlebar__start">
          <Mark />
          <EnvironmentSwitch current={environment} />
        </div>
        <button type="button" className="omnibox" onClick={() => setOverlay('palette')}>
          <IconSearch className="icon icon--14" />
          <span>Search tables, pipelines, migrations, or run a command</span>
          <span className="keys">
            <kbd>Ctrl</kbd>
            <kbd>K</kbd>
          </span>
        </button>
        <div className="titlebar__end" style={{ paddingRight: 12 }}>
          {alerts > 0 && (
            <span role="alert">
              <button type="button" className="btn btn--sm" onClick={openActivity}>
                <IconBell className="icon icon--14" />
                {plural(alerts, 'alert')}
              </button>
            </span>
          )}
          <button type="button" className="icon-btn" title="Activity centre" onClick={openActivity}>
            <IconActivity className="icon" />
          </button>
          <button
            type="button"
            className="icon-btn"
            title="Shortcuts (?)"
            onClick={() => setOverlay('shortcuts')}
          >
            <IconHelp className="icon" />
          </button>
        </div>
      </header>

      <nav className="activity" aria-label="Views">
        {viewGroups.map((group) => (
          <ul key={group[0].path} className="activity__group">
            {group.map((view) => (
              <li key={view.path}>
                <ViewLink {...view} isActive={path === view.path} />
              </li>
            ))}
          </ul>
        ))}
        <ul className="activity__group activity__group--end">
          <li>
            <ViewLink {...settingsView} isActive={path === settingsView.path} />
          </li>
        </ul>
      </nav>

      <main className={`view${path === '/overview' ? ' view--canvas' : ''}`} aria-labelledby="view-title">
        <ViewBoundary key={path}>
          <Outlet />
        </ViewBoundary>
      </main>

      <StatusBar onActivity={openActivity} />
      {overlay === 'palette' && <Palette onClose={close} />}
      {overlay === 'activity' && <ActivityCentre onClose={close} />}
      {overlay === 'shortcuts' && <Shortcuts onClose={close} />}
    </div>
  )
}

type ViewLinkProps = (typeof viewGroups)[number][number] | typeof settingsView

function ViewLink({ path, label, Icon, isActive }: ViewLinkProps & { isActive: boolean }) {
  return (
    <Link
      to={path}
      className={`activity__item${isActive ? ' is-active' : ''}`}
      aria-label={label}
      aria-current={isActive ? 'page' : undefined}
    >
      <Icon className="icon" />
      <span className="activity__label">{label}</span>
    </Link>
  )
}
