import { IconDeviceFloppy } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { Finding } from '../../src-main/migrations/report.contract.ts'
import type { Migration } from '../../src-main/migrations/state.contract.ts'
import { queryClient, rpc } from '../rpc/client.ts'
import { CodeEditor } from '../ui/CodeEditor.tsx'
import type { CodeMarker } from '../ui/code.ts'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { plural } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { State } from '../ui/State.tsx'
import { Findings } from './Findings.tsx'
import { fileNameOf, isPending, useSource } from './source.ts'

/** The file with what the lint says on its lines. One that is not applied can be written here. */
export function FileTab({ migration }: { migration: Migration }) {
  const source = useSource()
  const input = { ...source, version: migration.version }
  const detail = useQuery(rpc.migrations.describe.queryOptions({ input }))
  return (
    <QueryPanel query={detail}>
      {({ fileText }) =>
        fileText === null ? (
          <p className="t2" style={{ padding: 16 }}>
            The file is gone. What was applied is in the history.
          </p>
        ) : (
          <Editor key={migration.version} migration={migration} fileText={fileText} />
        )
      }
    </QueryPanel>
  )
}

const lintAfterMs = 400

function Editor({ migration, fileText }: { migration: Migration; fileText: string }) {
  const source = useSource()
  const [text, setText] = useState(fileText)
  const [settled, setSettled] = useState(fileText)
  const [line, setLine] = useState<number>()
  const canWrite = isPending(migration) && migration.state !== 'partial'
  const isChanged = text !== fileText
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), lintAfterMs)
    return () => clearTimeout(timer)
  }, [text])
  const lint = useQuery({
    ...rpc.migrations.lintText.queryOptions({
      input: { ...source, text: settled, version: migration.version },
    }),
    placeholderData: (before) => before,
  })
  const save = useMutation({
    ...rpc.migrations.saveFile.mutationOptions(),
    onSuccess: () => queryClient.invalidateQueries(),
  })
  const findings = lint.data ?? []
  return (
    <div className="mig__file">
      <div className="toolbar">
        <span className="t2 small">
          {canWrite
            ? 'Not applied yet: it can be changed.'
            : 'Applied: a change belongs into a new migration.'}
        </span>
        <span className="toolbar__fill" />
        {lint.error === null && (
          <span className="cell small t2">
            <State name={findings.some(({ severity }) => severity !== 'info') ? 'warning' : 'succeeded'} />
            {findings.length === 0 ? 'No findings' : plural(findings.length, 'finding')}
          </span>
        )}
        {canWrite && (
          <button
            type="button"
            className="btn"
            disabled={!isChanged || save.isPending}
            onClick={() =>
              save.mutate({ ...source, version: migration.version, text, checksum: migration.checksum })
            }
          >
            <IconDeviceFloppy className="icon" />
            Save
          </button>
        )}
      </div>
      {save.error && <ErrorNotice error={save.error} />}
      {lint.error && <ErrorNotice error={lint.error} />}
      <div className="mig__editor">
        <CodeEditor
          label={fileNameOf(migration)}
          text={text}
          language="sql"
          isReadOnly={!canWrite}
          markers={findings.map(toMarker)}
          line={line}
          onChange={setText}
        />
      </div>
      {findings.length > 0 && (
        <div className="mig__findings scroll">
          <Findings findings={findings} onLine={setLine} />
        </div>
      )}
    </div>
  )
}

function toMarker({ line, column, endColumn, severity, title, why, advice, rule }: Finding): CodeMarker {
  return { line, column, endColumn, severity, message: `${title}\n${why}\n${advice}\n(${rule})` }
}
