import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Snapshot } from '../../src-main/containers/contract.ts'
import { rpc } from '../rpc/client.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { formatBytes, plural } from '../ui/format.ts'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { OrphanChoice } from './Choice.tsx'
import { WorkList } from './WorkList.tsx'

interface Props {
  snapshot: Snapshot
  project: string | undefined
  onClose: () => void
}

/** Takes the stack down. A volume goes only when its name is typed; its size and last write stand beside it. */
export function DownDialog({ snapshot, project, onClose }: Props) {
  const volumes = useQuery(rpc.containers.listVolumes.queryOptions({ input: project ? { project } : {} }))
  const stack = useQuery({
    ...rpc.stack.get.queryOptions({ input: project ? { project } : {} }),
    staleTime: 0,
  })
  // Without files that can be read everything goes.
  const known = stack.data?.services ?? []
  const orphans = known.some(({ isInFiles }) => isInFiles) ? known.filter(({ isInFiles }) => !isInFiles) : []
  const [shouldRemoveOrphans, setRemoveOrphans] = useState(false)
  const down = useMutation(rpc.stack.down.mutationOptions({ onSuccess: onClose }))
  const [chosen, setChosen] = useState<Record<string, string>>({})
  const removed = Object.entries(chosen)
  const isConfirmed = removed.every(([name, typed]) => name === typed)
  const databases = snapshot.services.filter(({ containers }) =>
    containers.some(({ kind, state }) => kind === 'postgres' && state === 'running'),
  )
  const running = snapshot.services.filter(({ containers }) =>
    containers.some(({ state }) => state === 'running'),
  )
  return (
    <Dialog
      title={`Take ${snapshot.project} down`}
      width={620}
      onClose={onClose}
      foot={
        <>
          <span className="grow small t2">
            {removed.length === 0
              ? 'Every volume stays.'
              : `${plural(removed.length, 'volume')} will be gone for good.`}
          </span>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button
            type="button"
            className="btn btn--danger-solid"
            disabled={!isConfirmed || stack.isPending || down.isPending}
            onClick={() =>
              down.mutate({
                ...(project && { project }),
                shouldRemoveOrphans,
                volumes: removed.map(([name]) => name),
              })
            }
          >
            {removed.length === 0
              ? `Take down ${plural(running.length, 'service')}`
              : `Take down and remove ${plural(removed.length, 'volume')}`}
          </button>
        </>
      }
    >
      <p className="small">
        Stops and removes {plural(running.length, 'running service')} and the networks of the project.
        Bringing it up again makes them anew from the same volumes.
      </p>
      {databases.map(({ name }) => (
        <WorkList key={name} service={name} project={project} />
      ))}
      <OrphanChoice
        names={orphans.map(({ name }) => name)}
        isOn={shouldRemoveOrphans}
        onChange={setRemoveOrphans}
      />
      <table className="blast" aria-label="Volumes">
        <tbody>
          {(volumes.data ?? []).map(({ name, sizeBytes, lastWriteAt }) => (
            <tr key={name}>
              <th scope="row">
                <label className="check small">
                  <input
                    type="checkbox"
                    checked={name in chosen}
                    onChange={(event) =>
                      setChosen(({ [name]: _dropped, ...rest }) =>
                        event.target.checked ? { ...rest, [name]: '' } : rest,
                      )
                    }
                  />
                  Remove
                </label>
              </th>
              <td>
                <b className="mono">{name}</b>{' '}
                <span className="t2 num">{sizeBytes === null ? 'size unknown' : formatBytes(sizeBytes)}</span>
                {lastWriteAt && (
                  <span className="t3">
                    , written <RelativeTime time={lastWriteAt} />
                  </span>
                )}
                {name in chosen && (
                  <label className="input input--sm" style={{ marginTop: 4 }}>
                    <input
                      type="text"
                      aria-label={`Type ${name} to remove it`}
                      placeholder={`Type ${name} to remove it`}
                      value={chosen[name]}
                      onChange={(event) => setChosen((before) => ({ ...before, [name]: event.target.value }))}
                    />
                  </label>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {volumes.error && <ErrorNotice error={volumes.error} />}
      {down.error && <ErrorNotice error={down.error} />}
    </Dialog>
  )
}
