import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { rpc } from '../rpc/client.ts'
import { CodeDiff } from '../ui/CodeDiff.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { formatBytes, formatExact } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'

interface Props {
  path: string
  project: string | undefined
  text: string
  isVariables: boolean
  onTake: (text: string) => void
}

/** What the file was before each save, beside what it is now; any of them can be taken back into the editor. */
export function VersionsPane({ path, project, text, isVariables, onTake }: Props) {
  const input = { path, ...(project && { project }) }
  const versions = useQuery({ ...rpc.stackFiles.listVersions.queryOptions({ input }), staleTime: 0 })
  const [chosen, setChosen] = useState<number>()
  const shown = chosen ?? versions.data?.[0]?.id
  const version = useQuery({
    ...rpc.stackFiles.readVersion.queryOptions({
      input: { ...input, id: shown ?? 0 },
    }),
    enabled: shown !== undefined,
  })
  const entry = versions.data?.find(({ id }) => id === shown)
  const before = version.data?.text
  return (
    <QueryPanel query={versions}>
      {(list) =>
        list.length === 0 ? (
          <EmptyState icon={null} title="No earlier version">
            Each save keeps what was there before, encrypted, the last fifty.
          </EmptyState>
        ) : (
          <div className="stack__versions">
            <ul aria-label="Earlier versions">
              {list.map(({ id, replacedAt, sizeBytes }) => (
                <li key={id}>
                  <button
                    type="button"
                    className={`menu__item menu__item--plain${shown === id ? ' is-selected' : ''}`}
                    onClick={() => setChosen(id)}
                  >
                    <span className="grow">
                      until <RelativeTime time={replacedAt} />
                    </span>
                    <span className="t3 num small">{formatBytes(sizeBytes)}</span>
                  </button>
                </li>
              ))}
            </ul>
            <div className="column" style={{ minWidth: 0 }}>
              {version.error && <ErrorNotice error={version.error} />}
              {before !== undefined && (
                <>
                  <div className="toolbar">
                    <span className="toolbar__fill" />
                    <button
                      type="button"
                      className="btn btn--sm"
                      disabled={before === text}
                      onClick={() => onTake(before)}
                    >
                      Take this back into the editor
                    </button>
                  </div>
                  <div style={{ flex: 1, minHeight: 0 }}>
                    <CodeDiff
                      before={{
                        title: entry ? `Until ${formatExact(entry.replacedAt)}` : '',
                        text: before,
                      }}
                      after={{ title: 'In the editor', text }}
                      language={isVariables ? 'plaintext' : 'yaml'}
                    />
                  </div>
                </>
              )}
            </div>
          </div>
        )
      }
    </QueryPanel>
  )
}
