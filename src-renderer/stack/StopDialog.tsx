import { useMutation, useQuery } from '@tanstack/react-query'
import { rpc } from '../rpc/client.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { WorkList } from './WorkList.tsx'

interface Props {
  service: string
  project: string | undefined
  onClose: () => void
}

/** Stops a service in the way that one chooses once one has seen what runs on it. */
export function StopDialog({ service, project, onClose }: Props) {
  const input = { service, ...(project && { project }) }
  const work = useQuery(rpc.containers.listWork.queryOptions({ input }))
  const stop = useMutation(rpc.containers.stop.mutationOptions({ onSuccess: onClose }))
  const isIdle = work.data?.every(({ kind }) => kind === 'service') ?? false
  return (
    <Dialog
      title={`Stop ${service}`}
      onClose={onClose}
      foot={
        <>
          <span className="grow" />
          <button type="button" className="btn" onClick={onClose}>
            Keep running
          </button>
          {isIdle ? (
            <button
              type="button"
              className="btn btn--danger-solid"
              disabled={stop.isPending}
              onClick={() => stop.mutate({ ...input, mode: 'onlyIfIdle' })}
            >
              Stop {service}
            </button>
          ) : (
            <>
              <button
                type="button"
                className="btn btn--primary"
                disabled={!work.data || stop.isPending}
                onClick={() => stop.mutate({ ...input, mode: 'wait' })}
              >
                Wait, then stop
              </button>
              <button
                type="button"
                className="btn"
                disabled={!work.data || stop.isPending}
                title="Ends the sessions; their transactions roll back"
                onClick={() => stop.mutate({ ...input, mode: 'cancel' })}
              >
                Cancel it, then stop
              </button>
              <button
                type="button"
                className="btn btn--danger-solid"
                disabled={stop.isPending}
                onClick={() => stop.mutate({ ...input, mode: 'force' })}
              >
                Stop now
              </button>
            </>
          )}
        </>
      }
    >
      <WorkList service={service} project={project} />
      <p className="small t2">
        The container stays and keeps its volumes; starting it again goes on from there.
      </p>
      {stop.error && <ErrorNotice error={stop.error} />}
    </Dialog>
  )
}
