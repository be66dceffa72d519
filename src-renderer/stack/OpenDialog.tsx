import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { client, queryClient, rpc } from '../rpc/client.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'

/** Chooses whose compose files are meant from now on: a folder, or a project that the engine knows already. */
export function OpenDialog({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate()
  const projects = useQuery(rpc.stack.projects.queryOptions())
  const [folder, setFolder] = useState('')
  const select = useMutation(
    rpc.stack.select.mutationOptions({
      onSuccess: async () => {
        const { project } = await client.stack.get({})
        await navigate({ to: '/stack', search: { project } })
        await queryClient.invalidateQueries()
        onClose()
      },
    }),
  )
  return (
    <Dialog
      title="Open another stack"
      onClose={onClose}
      foot={
        <>
          <span className="grow small t2">Nothing is started or stopped by it.</span>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button
            type="button"
            className="btn btn--primary"
            disabled={folder.trim() === '' || select.isPending}
            onClick={() => select.mutate({ folder: folder.trim() })}
          >
            Open
          </button>
        </>
      }
    >
      <label className="field">
        Folder with the compose file
        <span className="input">
          <input
            type="text"
            className="mono"
            placeholder="/home/you/shop"
            value={folder}
            onChange={(event) => setFolder(event.target.value)}
          />
        </span>
      </label>
      {(projects.data?.length ?? 0) > 0 && (
        <table className="blast" aria-label="Projects on the engine">
          <tbody>
            {projects.data?.map(({ project, folder: place, running, total }) => (
              <tr key={project}>
                <th scope="row">
                  <button type="button" className="link" onClick={() => setFolder(place)}>
                    {project}
                  </button>
                </th>
                <td>
                  <span className="mono">{place || 'its folder is not known'}</span>{' '}
                  <span className="t3 num">
                    {running} of {total} run
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {select.error && <ErrorNotice error={select.error} />}
    </Dialog>
  )
}
