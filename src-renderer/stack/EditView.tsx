import { IconArrowLeft, IconDeviceFloppy } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import type { StackFile } from '../../src-main/stack/filesContract.ts'
import { client, queryClient, rpc } from '../rpc/client.ts'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { plural } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { State } from '../ui/State.tsx'
import { ViewHeader } from '../ui/ViewHeader.tsx'
import { EditPane } from './EditPane.tsx'
import { FileConflict } from './FileConflict.tsx'
import { editScope } from './form/useFormEdits.ts'
import { KeptPasswordNotice } from './KeptPasswordNotice.tsx'
import { MakeEnv } from './MakeEnv.tsx'
import { useDraft } from './useDraft.ts'
import './stack.css'

/** The files of the stack: text, form, what is wrong in which line, and what they were before. */
export function EditView() {
  const { project, file: wanted, line } = useSearch({ strict: false })
  const navigate = useNavigate()
  const target = project ? { project } : {}
  const files = useQuery(rpc.stackFiles.list.queryOptions({ input: target }))
  const path = files.data?.find((file) => file.path === wanted)?.path ?? files.data?.[0]?.path
  const saved = useQuery({
    ...rpc.stackFiles.read.queryOptions({ input: { ...target, path: path ?? '' } }),
    enabled: path !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  })
  const kind = files.data?.find((file) => file.path === path)?.kind
  const draft = useDraft(path, saved.data, kind !== 'variables')
  const text = draft.draft?.text ?? saved.data?.text ?? ''
  const isChanged = saved.data !== undefined && text !== saved.data.text
  const check = useQuery({
    ...rpc.stack.check.queryOptions({ input: { ...target, path: path ?? '', text } }),
    enabled: saved.data !== undefined,
    placeholderData: (before) => before,
  })
  const kept = useQuery({
    ...rpc.stack.listKeptPasswords.queryOptions({ input: { ...target, path: path ?? '', text } }),
    enabled: isChanged,
    placeholderData: (before) => before,
    gcTime: 0,
  })
  const [message, setMessage] = useState('')
  const readText = () => draft.read()?.text ?? saved.data?.text ?? ''
  const save = useMutation({
    scope: editScope,
    mutationFn: async (file: { path: string; checksum: string }) => {
      const { text, base } = draft.read() ?? { text: readText(), base: file.checksum }
      const answer = await client.stackFiles.save({ ...target, path: file.path, text, checksum: base })
      return { text, checksum: answer.checksum }
    },
    onSuccess: async (written, file) => {
      const input = { ...target, path: file.path }
      queryClient.setQueryData(rpc.stackFiles.read.queryKey({ input }), written)
      draft.settle(file.path, written)
      setMessage('Saved. Bring the stack up to make it so; what is already right is left alone.')
      await queryClient.invalidateQueries()
    },
    // A file that somebody else wrote is read again, and the view says so beside the draft.
    onError: () => queryClient.invalidateQueries({ queryKey: rpc.stackFiles.read.key() }),
  })
  const go = (search: Record<string, string | undefined>) =>
    void navigate({ to: '/compose', search: { project, ...search } })
  const problems = check.data?.filter(({ file }) => file === path) ?? []
  const errors = check.data?.filter(({ severity }) => severity === 'error') ?? []
  const write = () => path && saved.data && save.mutate({ path, checksum: saved.data.checksum })
  return (
    <>
      <ViewHeader
        title="Compose file"
        state={
          <>
            {errors.length > 0 ? (
              <span className="t-fail">
                <State name="failed" />
                {plural(errors.length, 'error')}
              </span>
            ) : (
              check.data && (
                <span>
                  <State name="succeeded" />
                  The files are valid
                </span>
              )
            )}
            {isChanged && <span>not saved</span>}
            {message && !isChanged && <span className="t3">{message}</span>}
          </>
        }
        actions={
          <>
            <Link className="btn btn--ghost" to="/stack" search={{ project }}>
              <IconArrowLeft className="icon" />
              Stack
            </Link>
            <button
              type="button"
              className="btn"
              disabled={!isChanged}
              onClick={draft.clear}
              title="Back to what is on the disk"
            >
              Discard
            </button>
            <button
              type="button"
              className="btn btn--primary"
              disabled={!isChanged || draft.isOutrun || save.isPending}
              title={errors.length > 0 ? 'It is saved as it is, errors included' : undefined}
              onClick={write}
            >
              <IconDeviceFloppy className="icon" />
              Save
            </button>
          </>
        }
      />
      <QueryPanel query={files}>
        {(list) => (
          <div className="view-body stack__editor">
            <div className="stack__above">
              {save.error && !draft.isOutrun && <ErrorNotice error={save.error} />}
              {draft.isOutrun && <FileConflict onTakeFile={draft.clear} onKeepText={draft.rebase} />}
              {isChanged &&
                kept.data?.map((one) => (
                  <KeptPasswordNotice key={`${one.service} ${one.variable}`} kept={one} />
                ))}
              <MakeEnv project={project} />
            </div>
            <ul className="stack__filelist" aria-label="Files of the stack">
              {list.map((file) => (
                <li key={file.path}>
                  <button
                    type="button"
                    className={`menu__item menu__item--plain${file.path === path ? ' is-selected' : ''}`}
                    aria-current={file.path === path}
                    title={file.path}
                    onClick={() => go({ file: file.path })}
                  >
                    <span className="mono clip grow">{file.name}</span>
                    {!file.exists && <span className="t3 small">new</span>}
                    {file.versions > 0 && <span className="count">{file.versions}</span>}
                  </button>
                </li>
              ))}
            </ul>
            {path && kind && (
              <QueryPanel query={saved}>
                {(read) => (
                  <EditPane
                    key={`${path} ${line}`}
                    file={{ path, kind, project, readText, onChange: draft.set }}
                    text={text}
                    savedText={read.text}
                    problems={problems}
                    line={line === undefined ? undefined : Number(line)}
                    onLine={(file, at) => go({ file, line: String(at) })}
                    onVariable={(name) => go({ file: list.findLast(isVariables)?.path, filter: name })}
                  />
                )}
              </QueryPanel>
            )}
          </div>
        )}
      </QueryPanel>
    </>
  )
}

const isVariables = ({ kind }: StackFile) => kind === 'variables'
