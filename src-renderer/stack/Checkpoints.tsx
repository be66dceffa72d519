import { IconCamera, IconTrash } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Checkpoint } from '../../src-main/containers/volumes/checkpointContract.ts'
import { rpc } from '../rpc/client.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { formatBytes, plural } from '../ui/format.ts'
import { RelativeTime } from '../ui/RelativeTime.tsx'

interface Props {
  project: string
  /** Of the address; the stack of the environment where it is undefined. */
  wanted: string | undefined
}

/** Snapshots of all volumes at one instant: take one, go back to one. */
export function Checkpoints({ project, wanted }: Props) {
  const target = wanted ? { project: wanted } : {}
  const list = useQuery(rpc.checkpoints.list.queryOptions({ input: target }))
  const create = useMutation(rpc.checkpoints.create.mutationOptions({ onSuccess: () => setName('') }))
  const remove = useMutation(rpc.checkpoints.remove.mutationOptions({ onSuccess: () => list.refetch() }))
  const [name, setName] = useState('')
  const [restored, setRestored] = useState<Checkpoint>()
  const isValid = /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)
  return (
    <section className="drawer__section">
      <h3 className="drawer__label">
        Checkpoints<span className="count">{list.data?.length ?? ''}</span>
      </h3>
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault()
          if (isValid) create.mutate({ ...target, name })
        }}
      >
        <label className="input input--sm grow">
          <input
            type="text"
            aria-label="Name of the checkpoint"
            placeholder="before-the-upgrade"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        <button
          type="submit"
          className="btn btn--sm"
          disabled={!isValid || create.isPending}
          title="Freezes the containers while their volumes are copied"
        >
          <IconCamera className="icon" />
          Take
        </button>
      </form>
      {(create.error ?? remove.error) && <ErrorNotice error={create.error ?? remove.error} />}
      <ul className="steps">
        {(list.data ?? []).map((checkpoint) => (
          <li key={checkpoint.name}>
            <span className="grow" style={{ minWidth: 0 }}>
              <span className="mono clip" title={checkpoint.name} style={{ display: 'block' }}>
                {checkpoint.name}
              </span>
              <span className="t3 num">
                <RelativeTime time={checkpoint.takenAt} />, {sizeOf(checkpoint)}
                {checkpoint.migration && `, migration ${checkpoint.migration}`}
              </span>
            </span>
            <button type="button" className="btn btn--sm btn--ghost" onClick={() => setRestored(checkpoint)}>
              Restore…
            </button>
            <button
              type="button"
              className="icon-btn icon-btn--sm"
              title={`Remove ${checkpoint.name}`}
              onClick={() => remove.mutate({ ...target, name: checkpoint.name })}
            >
              <IconTrash className="icon icon--14" />
            </button>
          </li>
        ))}
      </ul>
      {restored && (
        <RestoreDialog
          checkpoint={restored}
          project={project}
          wanted={wanted}
          onClose={() => setRestored(undefined)}
        />
      )}
    </section>
  )
}

const sizeOf = ({ volumes }: Checkpoint) =>
  formatBytes(volumes.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0))

function RestoreDialog({
  checkpoint,
  project,
  wanted,
  onClose,
}: Props & { checkpoint: Checkpoint; onClose: () => void }) {
  const restore = useMutation(rpc.checkpoints.restore.mutationOptions({ onSuccess: onClose }))
  const [typed, setTyped] = useState('')
  const { name, volumes, leftOut } = checkpoint
  return (
    <Dialog
      title={`Restore ${name}`}
      onClose={onClose}
      foot={
        <>
          <span className="grow small t2">The present is kept as a checkpoint of its own first.</span>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button
            type="button"
            className="btn btn--danger-solid"
            disabled={typed !== project || restore.isPending}
            onClick={() => restore.mutate({ ...(wanted && { project: wanted }), name, confirm: typed })}
          >
            Replace {plural(volumes.length, 'volume')}
          </button>
        </>
      }
    >
      <p className="small">
        Stops {project}, replaces its volumes by those of <RelativeTime time={checkpoint.takenAt} />, and
        starts what ran again. What was written since is in the checkpoint that is taken before.
      </p>
      <table className="blast" aria-label="Volumes that are replaced">
        <tbody>
          {volumes.map(({ name: volume, sizeBytes }) => (
            <tr key={volume}>
              <th scope="row">replace</th>
              <td>
                <b className="mono">{volume}</b>{' '}
                <span className="t2 num">{formatBytes(sizeBytes)} packed</span>
              </td>
            </tr>
          ))}
          {leftOut.map(({ service, target }) => (
            <tr key={`${service} ${target}`}>
              <th scope="row">stays</th>
              <td>
                <span className="mono">{target}</span> <span className="t2">of {service} is not in it</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <label className="input">
        <input
          type="text"
          aria-label={`Type ${project} to restore`}
          placeholder={`Type ${project} to restore`}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </label>
      {restore.error && <ErrorNotice error={restore.error} />}
    </Dialog>
  )
}
