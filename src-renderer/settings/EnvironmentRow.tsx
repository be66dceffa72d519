import { IconPencil, IconTrash } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { Environment } from '../../src-main/environments/contract.ts'
import { queryClient, rpc } from '../rpc/client.ts'
import { chosenEnvironment, forgetEnvironment } from '../rpc/transport.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { EnvironmentShape, placeOfEnvironment } from '../ui/EnvironmentShape.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'

/** One environment in the list of them; those that were made here can be changed and removed. */
export function EnvironmentRow({ environment, onEdit }: { environment: Environment; onEdit: () => void }) {
  const [isAsking, setAsking] = useState(false)
  const isOwn = !environment.isFromVariables && environment.id !== 'embedded' && environment.id !== 'stack'
  return (
    <li style={{ borderTop: '1px solid var(--border-faint)' }}>
      <div className="row" style={{ height: 44, padding: '0 12px' }}>
        <EnvironmentShape kind={environment.kind} />
        <div className="grow">
          <p>{environment.name}</p>
          <p className="small t2 clip">
            {environment.kind}, {placeOfEnvironment(environment)}
            {environment.redisUrl && `, ${environment.redisUrl}`}
            {environment.isFromVariables && ', from the variables of this process'}
            {environment.id === 'stack' && ', from the files of the stack'}
          </p>
        </div>
        {isOwn && (
          <>
            <button type="button" className="icon-btn" title={`Edit ${environment.name}`} onClick={onEdit}>
              <IconPencil className="icon" />
            </button>
            <button
              type="button"
              className="icon-btn"
              title={`Remove ${environment.name}…`}
              onClick={() => setAsking(true)}
            >
              <IconTrash className="icon" />
            </button>
          </>
        )}
      </div>
      {isAsking && <RemoveDialog environment={environment} onClose={() => setAsking(false)} />}
    </li>
  )
}

/** Says what goes and what stays. A window that works on the removed environment turns to the first one. */
function RemoveDialog({ environment, onClose }: { environment: Environment; onClose: () => void }) {
  const remove = useMutation({
    ...rpc.environments.remove.mutationOptions(),
    onSuccess: () => {
      if (chosenEnvironment() === environment.id) {
        forgetEnvironment()
        window.location.reload()
      }
      void queryClient.invalidateQueries({ queryKey: rpc.environments.key() })
    },
  })
  return (
    <Dialog
      title={`Remove ${environment.name}?`}
      onClose={onClose}
      foot={
        <>
          <span className="grow" />
          <button type="button" className="btn" onClick={onClose}>
            Keep it
          </button>
          <button
            type="button"
            className="btn btn--danger-solid"
            disabled={remove.isPending}
            onClick={() => remove.mutate({ id: environment.id })}
          >
            Remove {environment.name}
          </button>
        </>
      }
    >
      <p>
        Its address
        {environment.hasPassword || environment.hasRedisPassword ? ', its sealed passwords' : ''} and the
        results that were kept of it are forgotten on this machine; texts of its console go into the library.
        The database itself, <span className="mono">{placeOfEnvironment(environment)}</span>, is not touched.
      </p>
      {remove.error && <ErrorNotice error={remove.error} />}
    </Dialog>
  )
}
