import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { rpc } from '../rpc/client.ts'
import { CodeEditor } from '../ui/CodeEditor.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { formatBytes } from '../ui/format.ts'
import { Loading } from '../ui/Loading.tsx'

interface Props {
  id: string
  path: string
  onClose: () => void
}

/** A file of a container as text, which may be written back whole. */
export function FileEditor({ id, path, onClose }: Props) {
  const file = useQuery({
    ...rpc.containerFiles.read.queryOptions({ input: { id, path } }),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const [text, setText] = useState<string>()
  const write = useMutation(rpc.containerFiles.write.mutationOptions({ onSuccess: onClose }))
  const isChanged = text !== undefined && text !== file.data?.text
  const canWrite = file.data?.text != null && !file.data.isCut
  return (
    <Dialog
      title={path}
      width={860}
      onClose={onClose}
      foot={
        <>
          <span className="grow small t2 num">
            {file.data && formatBytes(file.data.sizeBytes)}
            {file.data?.isCut && ', the first megabyte is shown: download it for all'}
          </span>
          <button type="button" className="btn" onClick={onClose}>
            Close
          </button>
          {canWrite && (
            <button
              type="button"
              className="btn btn--primary"
              disabled={!isChanged || write.isPending}
              onClick={() => write.mutate({ id, path, text: text ?? '' })}
            >
              Write into the container
            </button>
          )}
        </>
      }
    >
      {file.isPending && <Loading rows={6} />}
      {file.error && <ErrorNotice error={file.error} />}
      {file.data?.text === null && (
        <p className="small">This is no text. Download it to look at it elsewhere.</p>
      )}
      {file.data?.text != null && (
        <div style={{ height: 440 }}>
          <CodeEditor
            label={path}
            text={file.data.text}
            language={
              /\.ya?ml$/.test(path)
                ? 'yaml'
                : path.endsWith('.sql')
                  ? 'sql'
                  : path.endsWith('.json')
                    ? 'json'
                    : 'plaintext'
            }
            isReadOnly={!canWrite}
            onChange={setText}
          />
        </div>
      )}
      {canWrite && (
        <p className="small t2">
          What is written here is gone when the container is recreated, unless it lies in a volume.
        </p>
      )}
      {write.error && <ErrorNotice error={write.error} />}
    </Dialog>
  )
}
