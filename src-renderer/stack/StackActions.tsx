import { IconChevronDown, IconFileCode, IconPlayerPlay, IconRefresh } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Snapshot } from '../../src-main/containers/contract.ts'
import { rpc } from '../rpc/client.ts'
import { useCommands } from '../shell/commands.ts'
import { useJobs } from '../ui/useJobs.ts'
import { DownDialog } from './DownDialog.tsx'
import { OpenDialog } from './OpenDialog.tsx'
import { UpDialog } from './UpDialog.tsx'

interface Props {
  snapshot: Snapshot
  /** The stack has files that can be edited. */
  hasFiles: boolean
  project: string | undefined
}

type Overlay = 'up' | 'down' | 'open' | undefined

/** What can be done to the whole stack. */
export function StackActions({ snapshot, hasFiles, project }: Props) {
  const [overlay, setOverlay] = useState<Overlay>()
  const [isOpen, setOpen] = useState(false)
  const restart = useMutation(rpc.stack.restart.mutationOptions())
  const stop = useMutation(rpc.stack.stop.mutationOptions())
  const start = useMutation(rpc.stack.start.mutationOptions())
  const pull = useMutation(rpc.stack.pull.mutationOptions())
  const isBusy = useJobs().some(({ link, status }) => link === '/stack' && status === 'running')
  const isUp = snapshot.services.some(({ containers }) => containers.some(({ state }) => state === 'running'))
  const target = project ? { project } : {}
  const ways: { label: string; run: () => void; isDanger?: boolean }[] = [
    { label: 'Start what was stopped', run: () => start.mutate(target) },
    { label: 'Stop all, keep containers', run: () => stop.mutate(target) },
    { label: 'Pull newer images', run: () => pull.mutate(target) },
    { label: 'Open another stack…', run: () => setOverlay('open') },
    { label: 'Take down…', run: () => setOverlay('down'), isDanger: true },
  ]
  useCommands(
    [
      { label: 'Bring the stack up', run: () => setOverlay('up') },
      { label: 'Restart the stack', run: () => restart.mutate(target) },
      ...ways.map(({ label, run }) => ({ label: `Stack: ${label.toLowerCase()}`, run })),
    ],
    `stack ${project}`,
  )
  return (
    <>
      {hasFiles && (
        <Link className="btn btn--ghost" to="/compose" search={{ project }}>
          <IconFileCode className="icon" />
          Compose file
        </Link>
      )}
      {isUp && (
        <button
          type="button"
          className="btn"
          disabled={isBusy}
          title="docker compose restart"
          onClick={() => restart.mutate(target)}
        >
          <IconRefresh className="icon" />
          Restart
        </button>
      )}
      <span className="split-btn stack__menu">
        <button
          type="button"
          className="btn btn--primary"
          disabled={isBusy}
          title="docker compose up -d"
          onClick={() => setOverlay('up')}
        >
          <IconPlayerPlay className="icon" />
          {isBusy ? 'Working' : 'Bring up'}
        </button>
        <button
          type="button"
          className="btn btn--primary"
          aria-label="More for the whole stack"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          <IconChevronDown className="icon" />
        </button>
        {isOpen && (
          <div className="menu stack__sheet" role="menu">
            {ways.map(({ label, run, isDanger }) => (
              <button
                key={label}
                type="button"
                role="menuitem"
                className={`menu__item menu__item--plain${isDanger ? ' t-fail' : ''}`}
                onClick={() => {
                  setOpen(false)
                  run()
                }}
              >
                {label}
              </button>
            ))}
          </div>
        )}
      </span>
      {overlay === 'up' && <UpDialog project={project} onClose={() => setOverlay(undefined)} />}
      {overlay === 'open' && <OpenDialog onClose={() => setOverlay(undefined)} />}
      {overlay === 'down' && (
        <DownDialog snapshot={snapshot} project={project} onClose={() => setOverlay(undefined)} />
      )}
    </>
  )
}
