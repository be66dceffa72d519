import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { EngineEvent, Snapshot } from '../../src-main/containers/contract.ts'
import type { Volume } from '../../src-main/containers/detailContract.ts'
import type { Stack } from '../../src-main/stack/contract.ts'
import { client, rpc } from '../rpc/client.ts'
import { useLive } from '../rpc/useLive.ts'
import { Facts } from '../ui/Facts.tsx'
import { formatBytes, plural } from '../ui/format.ts'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { State } from '../ui/State.tsx'
import { Checkpoints } from './Checkpoints.tsx'
import { EventList } from './EventList.tsx'
import { MakeEnv } from './MakeEnv.tsx'
import { worstFirst } from './states.ts'
import { VolumeDialog } from './VolumeDialog.tsx'

interface Props {
  snapshot: Snapshot
  project: string | undefined
  stack: Stack | undefined
  onSelect: (service: string) => void
}

const shownProblems = 2

/** What is to be known of the stack as a whole, while no service is chosen. */
export function StackOverview({ snapshot, project, stack, onSelect }: Props) {
  const { engine, services } = snapshot
  const [opened, setOpened] = useState<Volume>()
  const volumes = useQuery(rpc.containers.listVolumes.queryOptions({ input: project ? { project } : {} }))
  const { data: events = [] } = useEvents(project)
  const troubled = worstFirst(services).filter(({ containers }) => containers.some(({ failure }) => failure))
  const problems = stack?.problems.filter(({ severity }) => severity === 'error') ?? []
  return (
    <aside className="drawer stack__detail" aria-label="The stack">
      <header className="drawer__head">
        <div className="grow">
          <h2 className="drawer__title">{snapshot.project}</h2>
          <p className="drawer__sub">
            {stack?.folder ? <span className="clip">{stack.folder}</span> : 'Known by its containers'}
          </p>
        </div>
      </header>
      <div className="drawer__body">
        {problems.length > 0 && <MakeEnv project={project} />}
        {problems.slice(0, shownProblems).map(({ file, line, message }) => (
          <p key={`${file} ${line} ${message}`} className="small t-fail row">
            <State name="failed" />
            <span>
              {file.split('/').at(-1)}:{line} {message}
            </span>
          </p>
        ))}
        {problems.length > shownProblems && (
          <p className="small t2">and {problems.length - shownProblems} more in the files</p>
        )}
        {troubled.length > 0 && (
          <section className="drawer__section">
            <h3 className="drawer__label">Look at</h3>
            {troubled.map(({ name, containers }) => (
              <button key={name} type="button" className="link" onClick={() => onSelect(name)}>
                <State name="failed" />
                <span className="clip">
                  {name}: {containers.find(({ failure }) => failure)?.failure?.title}
                </span>
              </button>
            ))}
          </section>
        )}
        <Facts
          facts={[
            ['Engine', `${engine.name} ${engine.version ?? ''}`],
            ['Machine', `${plural(engine.processors ?? 0, 'core')}, ${formatBytes(engine.memoryBytes ?? 0)}`],
            ['Containers', `${engine.running ?? 0} of ${engine.containers ?? 0} run`],
            ['Images', engine.images],
            ['Files', stack?.files.map((file) => file.split('/').at(-1)).join(', ')],
          ]}
        />
        <section className="drawer__section">
          <h3 className="drawer__label">
            Volumes<span className="count">{volumes.data?.length ?? ''}</span>
          </h3>
          <table className="stack__env mono" aria-label="Volumes">
            <tbody>
              {(volumes.data ?? []).map((volume) => {
                const { name, sizeBytes, lastWriteAt, usedBy } = volume
                return (
                  <tr key={name}>
                    <td title={usedBy.length > 0 ? `used by ${usedBy.join(', ')}` : 'used by nothing'}>
                      <button type="button" className="link" onClick={() => setOpened(volume)}>
                        {name}
                      </button>
                    </td>
                    <td className="num">
                      {sizeBytes === null ? 'size unknown' : formatBytes(sizeBytes)}
                      {lastWriteAt && (
                        <span className="t3">
                          , written <RelativeTime time={lastWriteAt} />
                        </span>
                      )}
                      {usedBy.length === 0 && <span className="t3">, unused</span>}
                    </td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </section>
        {opened && (
          <VolumeDialog
            volume={opened}
            onClose={() => {
              setOpened(undefined)
              void volumes.refetch()
            }}
          />
        )}
        <Checkpoints project={snapshot.project} wanted={project} />
        <EventList events={events} />
      </div>
    </aside>
  )
}

/** The engine's events of the project, gathered while the view is shown. */
function useEvents(project: string | undefined) {
  return useLive(`events ${project ?? ''}`, async (signal) =>
    gather(await client.containers.watchEvents(project ? { project } : {}, { signal })),
  )
}

async function* gather(feed: AsyncIterable<EngineEvent[]>): AsyncGenerator<EngineEvent[]> {
  let all: EngineEvent[] = []
  for await (const fresh of feed) {
    all = [...all, ...fresh].slice(-200)
    yield all
  }
}
