import { IconHierarchy3, IconList } from '@tabler/icons-react'
import { useState } from 'react'
import type { Edge, Service } from '../../src-main/containers/contract.ts'
import { DataTable } from '../ui/DataTable.tsx'
import { Dot } from '../ui/Dot.tsx'
import { formatDuration, plural } from '../ui/format.ts'
import { Graph } from '../ui/Graph.tsx'
import { State } from '../ui/State.tsx'
import { dotOf, formatUptime } from './states.ts'

interface Props {
  services: readonly Service[]
  edges: readonly Edge[]
  now: number
  selected: string | undefined
  onSelect: (service: string) => void
}

/** Past so many services those that nothing ties to another are left out; past so many that are tied, it is a table. */
const most = { drawn: 40, tied: 120 }

/** Who starts after whom, left to right, and which edge holds things up. Has a table twin. */
export function StartOrder({ services, edges, now, selected, onSelect }: Props) {
  const tied = new Set(edges.flatMap(({ from, to }) => [from, to]))
  const [wanted, setTable] = useState<boolean>()
  const isTable = tied.size > most.tied || (wanted ?? false)
  const blocking = edges.filter(({ isBlocking }) => isBlocking)
  const drawn = services.length > most.drawn ? services.filter(({ name }) => tied.has(name)) : services
  const nodes = drawn.map(({ name }) => ({
    id: name,
    dependsOn: edges.filter(({ to }) => to === name).map(({ from }) => from),
  }))
  return (
    <section className="stack__order" aria-label="Start order">
      <div className="toolbar">
        <b>Start order</b>
        {drawn.length < services.length && (
          <span className="toolbar__label num">
            {plural(services.length - drawn.length, 'service')} wait for none
          </span>
        )}
        <span className="toolbar__fill" />
        <span className="order__key">
          <i />
          needs
        </span>
        <span className="order__key order__key--blocks">
          <i />
          blocks
        </span>
        <button
          type="button"
          className="icon-btn icon-btn--sm"
          title={isTable ? 'As a graph' : 'As a table'}
          disabled={tied.size > most.tied}
          onClick={() => setTable(!isTable)}
        >
          {isTable ? <IconHierarchy3 className="icon" /> : <IconList className="icon" />}
        </button>
      </div>
      {isTable ? (
        <DataTable
          label="Start order"
          rows={edges}
          keyOf={({ from, to }) => `${from} ${to}`}
          onSelect={({ to }) => onSelect(to)}
          columns={[
            {
              name: 'from',
              label: 'First',
              width: 96,
              sortBy: ({ from }) => from,
              render: ({ from }) => from,
            },
            { name: 'to', label: 'Then', width: 96, sortBy: ({ to }) => to, render: ({ to }) => to },
            {
              name: 'says',
              label: 'State',
              render: ({ says, isBlocking }) => (
                <span className={`small clip${isBlocking ? ' t-warn' : ''}`} title={says}>
                  {says}
                </span>
              ),
            },
          ]}
        />
      ) : (
        <div className="order__graph">
          <Graph
            label="Start order"
            nodes={nodes}
            width={108}
            height={42}
            gap={10}
            edgeState={(from, to) => {
              const edge = edges.find((one) => one.from === from && one.to === to)
              return edge?.isBlocking ? 'blocking' : edge?.isMet ? 'done' : 'open'
            }}
            renderNode={(id) => {
              const service = services.find(({ name }) => name === id)
              return (
                service && (
                  <button
                    type="button"
                    className={`order__node${id === selected ? ' is-selected' : ''}`}
                    onClick={() => onSelect(id)}
                  >
                    <Dot state={dotOf[service.status]} label={service.status} />
                    <span className="order__text">
                      <span className="mono clip">{id}</span>
                      <span className="num order__took clip">{tookOf(service, now)}</span>
                    </span>
                  </button>
                )
              )
            }}
          />
        </div>
      )}
      {blocking[0] && (
        <p className="order__says" role="status" title={blocking.map(({ says }) => says).join('\n')}>
          <State name="warning" />
          <span className="clip">
            {blocking[0].says}
            {blocking.length > 1 && <span className="t3">, and {blocking.length - 1} more</span>}
          </span>
        </p>
      )}
    </section>
  )
}

/** `in 1.2 s` once it was ready, `for 48 s` while it is on its way. */
function tookOf({ status, containers }: Service, now: number): string {
  const container = containers[0]
  if (status === 'ready')
    return container?.readyAfterMs != null ? `in ${formatDuration(container.readyAfterMs)}` : 'ready'
  if (status === 'starting' && container?.startedAt)
    return `for ${formatUptime(now - container.startedAt.getTime())}`
  return status
}
