import { IconTerminal2 } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import type { Container } from '../../src-main/containers/contract.ts'
import { rpc } from '../rpc/client.ts'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'

interface Props {
  container: Container
  /** The image that was tried before. */
  last: string | undefined
  onOpen: (image: string) => void
}

/** For an image without a shell: one of another image that is here, in a container beside it for as long as the shell lasts. */
export function DebugShell({ container, last, onOpen }: Props) {
  const images = useQuery(rpc.containerShell.listDebugImages.queryOptions({ input: { id: container.id } }))
  const [typed, setTyped] = useState(last)
  const [listId, inputId] = [useId(), useId()]
  if (images.error) return <ErrorNotice error={images.error} />
  if (!images.data) return null
  const image = (typed ?? images.data[0] ?? '').trim()
  return (
    <form
      className="drawer__section"
      onSubmit={(event) => {
        event.preventDefault()
        onOpen(image)
      }}
    >
      <div className="field">
        <label htmlFor={inputId}>Image of the debug shell, one that is on this machine</label>
        <span className="row">
          <span className="input grow">
            <input
              id={inputId}
              type="text"
              className="mono"
              list={listId}
              placeholder="busybox:latest"
              value={typed ?? images.data[0] ?? ''}
              onChange={(event) => setTyped(event.target.value)}
            />
          </span>
          <button type="submit" className="btn" disabled={image === ''}>
            <IconTerminal2 className="icon" />
            Open a debug shell
          </button>
        </span>
      </div>
      <datalist id={listId}>
        {images.data.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <p className="small t2">
        A container of it joins the processes and the network of {container.name}, and is removed with the
        shell.
      </p>
    </form>
  )
}
