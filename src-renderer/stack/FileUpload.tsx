import { IconUpload } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { queryClient, rpc } from '../rpc/client.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { toFault } from '../ui/fault.ts'
import { formatBytes } from '../ui/format.ts'

interface Props {
  id: string
  folder: string
  limitBytes: number
}

/** Puts a file of this machine into a folder of a container; one of its name is written over only where that is said. */
export function FileUpload({ id, folder, limitBytes }: Props) {
  const [file, setFile] = useState<File>()
  const input = useRef<HTMLInputElement>(null)
  const upload = useMutation({
    mutationFn: async ({ chosen, shouldOverwrite }: { chosen: File; shouldOverwrite: boolean }) =>
      rpc.containerFiles.upload.call({
        id,
        path: `${folder === '/' ? '' : folder}/${chosen.name}`,
        base64: await base64Of(chosen),
        shouldOverwrite,
      }),
    onSuccess: () => {
      setFile(undefined)
      return queryClient.invalidateQueries({ queryKey: rpc.containerFiles.list.key() })
    },
  })
  const take = (chosen: File) => {
    setFile(chosen)
    upload.reset()
    if (chosen.size <= limitBytes) upload.mutate({ chosen, shouldOverwrite: false })
  }
  const isTooLarge = file !== undefined && file.size > limitBytes
  const isThere = upload.error !== null && toFault(upload.error).code === 'CONFLICT'
  return (
    <>
      <div className="row">
        <button
          type="button"
          className="btn btn--sm"
          disabled={upload.isPending}
          onClick={() => input.current?.click()}
        >
          <IconUpload className="icon icon--14" />
          {upload.isPending ? 'Uploading' : 'Upload a file'}
        </button>
        <span className="small t3 num">up to {formatBytes(limitBytes)}</span>
        <input
          ref={input}
          type="file"
          hidden
          aria-label={`File for ${folder}`}
          onChange={({ currentTarget }) => {
            const [chosen] = currentTarget.files ?? []
            if (chosen) take(chosen)
            // The same file can be chosen again.
            currentTarget.value = ''
          }}
        />
      </div>
      {isTooLarge && (
        <p className="small t-fail" role="alert">
          {file.name} has {formatBytes(file.size)}: nothing was uploaded.
        </p>
      )}
      {upload.error && !isThere && <ErrorNotice error={upload.error} />}
      {file && isThere && (
        <Dialog
          title={`${file.name} is in ${folder} already`}
          width={460}
          onClose={upload.reset}
          foot={
            <>
              <span className="grow" />
              <button type="button" className="btn" onClick={upload.reset}>
                Cancel
              </button>
              <button
                type="button"
                className="btn btn--danger-solid"
                onClick={() => upload.mutate({ chosen: file, shouldOverwrite: true })}
              >
                Write over it
              </button>
            </>
          }
        >
          <p className="small">
            What is in it now ({toFault(upload.error).detail}) is replaced by {formatBytes(file.size)} from
            this machine; it keeps its owner and its mode.
          </p>
        </Dialog>
      )}
    </>
  )
}

async function base64Of(file: File): Promise<string> {
  const reader = new FileReader()
  return new Promise((resolve, reject) => {
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''))
    reader.onerror = () => reject(reader.error)
    reader.readAsDataURL(file)
  })
}
