import { IconPlayerPause, IconPlayerPlay, IconRefresh, IconX } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { Service, Snapshot } from '../../src-main/containers/contract.ts'
import type { Sample } from '../../src-main/containers/detailContract.ts'
import { rpc } from '../rpc/client.ts'
import { Dot } from '../ui/Dot.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { Tabs } from '../ui/Tabs.tsx'
import { FilesTab } from './FilesTab.tsx'
import { InspectTab } from './InspectTab.tsx'
import { NumbersTab } from './NumbersTab.tsx'
import { ProcessesTab } from './ProcessesTab.tsx'
import { ReadyTab } from './ReadyTab.tsx'
import { ShellTab } from './ShellTab.tsx'
import { StopDialog } from './StopDialog.tsx'
import { dotOf, formatUptime } from './states.ts'
import { UpDialog } from './UpDialog.tsx'

interface Props {
  service: Service
  snapshot: Snapshot
  samples: readonly Sample[]
  project: string | undefined
  tab: string | undefined
  onTab: (tab: string) => void
  onClose: () => void
}

const tabs = [
  { name: 'ready', label: 'Ready' },
  { name: 'numbers', label: 'Numbers' },
  { name: 'processes', label: 'Processes' },
  { name: 'inspect', label: 'Inspect' },
  { name: 'files', label: 'Files' },
  { name: 'shell', label: 'Shell' },
] as const

/** One service in full: why it is or is not ready, what it takes, what it is made of. */
export function ServiceDrawer({ service, snapshot, samples, project, tab, onTab, onClose }: Props) {
  const [number, setNumber] = useState(0)
  const [overlay, setOverlay] = useState<'stop' | 'up' | 'recreate'>()
  const target = { ...(project && { project }), services: [service.name] }
  const restart = useMutation(rpc.stack.restart.mutationOptions())
  const start = useMutation(rpc.stack.start.mutationOptions())
  const pause = useMutation(rpc.containers.pause.mutationOptions())
  const container = service.containers[number] ?? service.containers[0]
  const isRunning = container?.state === 'running'
  const isPaused = container?.state === 'paused'
  const active = tabs.find(({ name }) => name === tab)?.name ?? 'ready'
  const failure = restart.error ?? start.error ?? pause.error
  return (
    <aside className="drawer stack__detail" aria-label={service.name}>
      <header className="drawer__head">
        <div className="grow" style={{ minWidth: 0 }}>
          <h2 className="drawer__title">{service.name}</h2>
          <p className="drawer__sub">
            <Dot state={dotOf[service.status]} label={service.status} />
            <span className="clip" title={service.reason}>
              {sentenceOf(service)}
            </span>
          </p>
        </div>
        {isRunning && (
          <button
            type="button"
            className="btn btn--sm"
            disabled={restart.isPending}
            onClick={() => restart.mutate(target)}
          >
            <IconRefresh className="icon" />
            Restart
          </button>
        )}
        {container && !isRunning && !isPaused && (
          <button
            type="button"
            className="btn btn--sm"
            disabled={start.isPending}
            onClick={() => start.mutate(target)}
          >
            <IconPlayerPlay className="icon" />
            Start
          </button>
        )}
        {container && (isRunning || isPaused) && (
          <button
            type="button"
            className="icon-btn icon-btn--sm"
            title={isPaused ? 'Go on' : 'Pause: freeze its processes'}
            onClick={() => pause.mutate({ id: container.id, isPaused: !isPaused })}
          >
            {isPaused ? <IconPlayerPlay className="icon" /> : <IconPlayerPause className="icon" />}
          </button>
        )}
        <button type="button" className="icon-btn icon-btn--sm" title="Close" onClick={onClose}>
          <IconX className="icon" />
        </button>
      </header>
      {container && <Tabs label={`About ${service.name}`} tabs={tabs} active={active} onChange={onTab} />}
      <div className="drawer__body">
        {service.containers.length > 1 && (
          <select
            className="input input--sm"
            aria-label="Container"
            value={number}
            onChange={(event) => setNumber(Number(event.target.value))}
          >
            {service.containers.map(({ id, name, status }, at) => (
              <option key={id} value={at}>
                {name}, {status}
              </option>
            ))}
          </select>
        )}
        {failure && <ErrorNotice error={failure} />}
        {(active === 'ready' || !container) && (
          <ReadyTab service={service} container={container} snapshot={snapshot} project={project} />
        )}
        {active === 'numbers' && container && <NumbersTab container={container} samples={samples} />}
        {active === 'processes' && container && <ProcessesTab container={container} />}
        {active === 'inspect' && container && <InspectTab container={container} />}
        {active === 'files' && container && <FilesTab key={container.id} container={container} />}
        {active === 'shell' && container && <ShellTab key={container.id} container={container} />}
      </div>
      <footer className="drawer__foot">
        <button type="button" className="btn" onClick={() => setOverlay(container ? 'recreate' : 'up')}>
          {container ? `Recreate ${service.name}` : `Bring up ${service.name}`}
        </button>
        {isRunning && (
          <button type="button" className="btn btn--ghost btn--danger" onClick={() => setOverlay('stop')}>
            Stop…
          </button>
        )}
      </footer>
      {overlay === 'stop' && (
        <StopDialog service={service.name} project={project} onClose={() => setOverlay(undefined)} />
      )}
      {(overlay === 'up' || overlay === 'recreate') && (
        <UpDialog
          project={project}
          services={[service.name]}
          recreate={overlay === 'recreate' ? 'always' : 'changed'}
          onClose={() => setOverlay(undefined)}
        />
      )}
    </aside>
  )
}

function sentenceOf({ status, reason, containers }: Service): string {
  const startedAt = containers[0]?.startedAt
  const since = startedAt ? ` for ${formatUptime(Date.now() - startedAt.getTime())}` : ''
  if (status === 'ready') return `Ready, up${since}`
  if (status === 'starting') return `Starting${since}: ${reason}`
  return reason ? `${status[0]?.toUpperCase()}${status.slice(1)}: ${reason}` : status
}
