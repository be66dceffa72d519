import { IconStack2 } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import type { Snapshot } from '../../src-main/containers/contract.ts'
import { client, rpc } from '../rpc/client.ts'
import { useLive } from '../rpc/useLive.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { FilterInput } from '../ui/FilterInput.tsx'
import { formatBytes } from '../ui/format.ts'
import { Loading } from '../ui/Loading.tsx'
import { ViewHeader } from '../ui/ViewHeader.tsx'
import { LogPanes } from './LogPanes.tsx'
import { NoEngine } from './NoEngine.tsx'
import { ServiceDrawer } from './ServiceDrawer.tsx'
import { ServiceTable } from './ServiceTable.tsx'
import { StackActions } from './StackActions.tsx'
import { StackOverview } from './StackOverview.tsx'
import { StackState } from './StackState.tsx'
import { StartOrder } from './StartOrder.tsx'
import { useStats } from './useStats.ts'
import './stack.css'

/** The stack as it runs: services, their start order, one log, and one of them in full. */
export function StackView() {
  const { project, service: selected, tab, filter = '', q = '', log = '' } = useSearch({ strict: false })
  const navigate = useNavigate()
  const { data: snapshot } = useLive(`containers ${project ?? ''}`, (signal) =>
    client.containers.watch(project ? { project } : {}, { signal }),
  )
  const stack = useQuery(rpc.stack.get.queryOptions({ input: project ? { project } : {} }))
  const hasEngine = snapshot?.engine.status === 'ready'
  const samples = useStats(project, hasEngine)
  const now = useClock()
  const go = (change: Record<string, string | undefined>) =>
    void navigate({
      to: '/stack',
      search: {
        project,
        service: selected,
        tab,
        filter: filter || undefined,
        q: q || undefined,
        log: log || undefined,
        ...change,
      },
      replace: true,
    })
  const select = (service: string | undefined) => go({ service, tab: undefined })

  if (!snapshot || snapshot.engine.status === 'connecting')
    return (
      <>
        <ViewHeader title="Stack" state={<span className="t3">Looking for a Docker engine</span>} />
        <Loading />
      </>
    )
  if (!hasEngine)
    return (
      <>
        <ViewHeader
          title="Stack"
          state={
            <span>
              {snapshot.engine.status === 'absent' ? 'No Docker engine' : 'The engine does not answer'}
            </span>
          }
        />
        <NoEngine engine={snapshot.engine} />
      </>
    )

  const shown = snapshot.services.filter(({ name, image }) => `${name} ${image}`.includes(filter))
  const service = snapshot.services.find(({ name }) => name === selected)
  const names = snapshot.services.map(({ name }) => name)
  return (
    <>
      <ViewHeader
        title="Stack"
        state={<StackState snapshot={snapshot} />}
        actions={
          <StackActions
            snapshot={snapshot}
            hasFiles={(stack.data?.files.length ?? 0) > 0}
            project={project}
          />
        }
      />
      <div className="view-body stack">
        <section className="stack__services" aria-label="Services of the stack">
          <div className="toolbar">
            <div className="stack__filter">
              <FilterInput
                label="Filter services"
                value={filter}
                onChange={(text) => go({ filter: text || undefined })}
              />
            </div>
            {snapshot.projects.length > 1 && (
              <select
                className="input input--sm log__select"
                aria-label="Project"
                value={snapshot.project}
                onChange={(event) => go({ project: event.target.value, service: undefined })}
              >
                {[...new Set([snapshot.project, ...snapshot.projects.map(({ name }) => name)])].map(
                  (name) => (
                    <option key={name}>{name}</option>
                  ),
                )}
              </select>
            )}
            <span className="toolbar__fill" />
            <span className="toolbar__label num">{totalsOf(samples, snapshot)}</span>
          </div>
          {snapshot.services.length === 0 ? (
            <EmptyState
              icon={<IconStack2 className="icon icon--18" />}
              title="Nothing of this stack is here yet"
            >
              Bring up checks ports, images, secrets and disk first, and shows what it would make before it
              makes it.
            </EmptyState>
          ) : (
            <ServiceTable
              services={shown}
              samples={samples}
              now={now}
              selected={selected}
              onSelect={select}
            />
          )}
        </section>
        <StartOrder
          services={snapshot.services}
          edges={snapshot.edges}
          now={now}
          selected={selected}
          onSelect={select}
        />
        <LogPanes project={project} services={names} search={q} service={log} onChange={go} />
        {service ? (
          <ServiceDrawer
            key={service.name}
            service={service}
            snapshot={snapshot}
            samples={samples.get(service.name) ?? []}
            project={project}
            tab={tab}
            onTab={(name) => go({ tab: name })}
            onClose={() => select(undefined)}
          />
        ) : (
          <StackOverview snapshot={snapshot} project={project} stack={stack.data} onSelect={select} />
        )}
      </div>
    </>
  )
}

/** `CPU 131 % of 16 cores, memory 3.59 of 64 GB` */
function totalsOf(samples: ReturnType<typeof useStats>, { engine }: Snapshot): string {
  const newest = [...samples.values()].flatMap((list) => list.at(-1) ?? [])
  if (newest.length === 0) return ''
  const cpu = newest.reduce((sum, { cpuPercent }) => sum + cpuPercent, 0)
  const memory = newest.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0)
  return `CPU ${cpu.toFixed(0)} % of ${engine.processors ?? '?'} cores, memory ${formatBytes(memory)} of ${formatBytes(engine.memoryBytes ?? 0)}`
}

function useClock(): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return now
}
