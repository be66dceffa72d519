import { IconDownload, IconListCheck, IconPlayerPlay } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import type { Check } from '../../src-main/verification/contract.ts'
import { client, queryClient, rpc } from '../rpc/client.ts'
import { useCommands } from '../shell/commands.ts'
import { DataTable } from '../ui/DataTable.tsx'
import { download } from '../ui/download.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { formatDuration } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { State } from '../ui/State.tsx'
import { ViewHeader } from '../ui/ViewHeader.tsx'

const formats = ['markdown', 'json', 'junit'] as const

/** The platform's acceptance run: 15 checks, with what is missing where one fails. */
export function VerificationView() {
  const report = useQuery(rpc.verification.get.queryOptions())
  const run = useMutation({
    ...rpc.verification.run.mutationOptions(),
    onSuccess: (made) => queryClient.setQueryData(rpc.verification.get.queryKey(), made),
  })
  const start = () => run.mutate(undefined)
  useCommands([{ label: 'Run verification', run: start }], 'verification')

  const exportAs = async (format: (typeof formats)[number]) => {
    const { fileName, text } = await client.verification.export({ format })
    download(fileName, text)
  }

  return (
    <>
      <ViewHeader
        title="Verification"
        state={
          report.data && (
            <>
              {report.data.failed > 0 && (
                <span>
                  <State name="failed" />
                  {report.data.failed} failed
                </span>
              )}
              <span>
                <State name="succeeded" />
                {report.data.passed} of {report.data.checks.length} passed
              </span>
              {report.data.skipped > 0 && (
                <span>
                  <State name="skipped" />
                  {report.data.skipped} skipped
                </span>
              )}
              <span>
                <RelativeTime time={report.data.startedAt} />
              </span>
            </>
          )
        }
        actions={
          <>
            {report.data &&
              formats.map((format) => (
                <button
                  key={format}
                  type="button"
                  className="btn btn--ghost"
                  onClick={() => void exportAs(format)}
                >
                  <IconDownload className="icon" />
                  {{ markdown: 'Markdown', json: 'JSON', junit: 'JUnit' }[format]}
                </button>
              ))}
            <button type="button" className="btn btn--primary" disabled={run.isPending} onClick={start}>
              <IconPlayerPlay className="icon" />
              {run.isPending ? 'Running…' : 'Run verification'}
            </button>
          </>
        }
      />
      <div className="view-body column">
        {run.error ? (
          <ErrorNotice error={run.error} onRetry={start} />
        ) : (
          <QueryPanel query={report} rows={15}>
            {(data) =>
              data ? (
                <Checks checks={data.checks} />
              ) : (
                <EmptyState
                  icon={<IconListCheck className="icon icon--18" />}
                  title="Not verified yet"
                  actions={
                    <button
                      type="button"
                      className="btn btn--primary"
                      disabled={run.isPending}
                      onClick={start}
                    >
                      Run verification
                    </button>
                  }
                >
                  15 checks say whether the platform stands as it should: connections, schemas, tables, layer
                  names, partitions, seed data, Redis, API. They read the catalogue and change nothing.
                </EmptyState>
              )
            }
          </QueryPanel>
        )}
      </div>
    </>
  )
}

const stateOf = { passed: 'succeeded', failed: 'failed', skipped: 'skipped' } as const

function Checks({ checks }: { checks: Check[] }) {
  return (
    <DataTable
      label="Checks"
      rows={checks}
      keyOf={({ category, name }) => `${category} ${name}`}
      columns={[
        {
          name: 'state',
          label: '',
          width: 36,
          render: ({ status }) => <State name={stateOf[status]} label={status} />,
        },
        {
          name: 'category',
          label: 'Category',
          width: 140,
          sortBy: ({ category }) => category,
          render: ({ category }) => category,
        },
        { name: 'name', label: 'Check', width: 320, render: ({ name }) => name },
        {
          name: 'detail',
          label: 'Detail',
          render: ({ detail, status }) => (
            <span className={status === 'failed' ? 't-fail' : 't2'} title={detail}>
              {detail}
            </span>
          ),
        },
        {
          name: 'time',
          label: 'Time',
          width: 90,
          align: 'right',
          sortBy: ({ durationMs }) => durationMs,
          render: ({ durationMs }) => formatDuration(durationMs),
        },
      ]}
    />
  )
}
