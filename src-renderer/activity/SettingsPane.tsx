import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Setting } from '../../src-main/activity/contract.ts'
import { queryClient, rpc } from '../rpc/client.ts'
import { DataTable } from '../ui/DataTable.tsx'
import { FilterInput } from '../ui/FilterInput.tsx'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { State } from '../ui/State.tsx'
import { StatementDialog } from '../ui/StatementDialog.tsx'

type Shown = 'all' | 'changed' | 'pending'

const takesEffect: Record<string, string> = {
  internal: 'never: it is built in',
  postmaster: 'after a restart',
  sighup: 'after a reload',
  'superuser-backend': 'for new sessions',
  backend: 'for new sessions',
  superuser: 'at once, by a superuser',
  user: 'at once',
}

/** How the server is configured: what was changed and where, and what waits for a restart. */
export function SettingsPane() {
  const settings = useQuery(rpc.activity.settings.queryOptions())
  const [shown, setShown] = useState<Shown>('changed')
  const [text, setText] = useState('')
  const [isReloading, setReloading] = useState(false)
  const words = text.toLowerCase().split(/\s+/)
  const isFound = ({ name, description, category, value }: Setting) => {
    const all = `${name} ${description} ${category} ${value ?? ''}`.toLowerCase()
    return words.every((word) => all.includes(word))
  }
  const isShown = ({ isChanged, isPendingRestart }: Setting) =>
    shown === 'all' || (shown === 'changed' ? isChanged : isPendingRestart)
  return (
    <QueryPanel query={settings} rows={14}>
      {(all) => (
        <div className="view-body column">
          <div className="toolbar">
            <div className="seg">
              {(
                [
                  ['changed', 'Changed', all.filter(({ isChanged }) => isChanged).length],
                  ['pending', 'Wait for a restart', all.filter((one) => one.isPendingRestart).length],
                  ['all', 'All', all.length],
                ] as const
              ).map(([name, label, count]) => (
                <button key={name} type="button" aria-pressed={shown === name} onClick={() => setShown(name)}>
                  {label} <span className="t3 num">{count}</span>
                </button>
              ))}
            </div>
            <FilterInput label="Filter by name, value or description" value={text} onChange={setText} />
            <span className="toolbar__fill" />
            <button type="button" className="btn btn--sm" onClick={() => setReloading(true)}>
              Reload…
            </button>
          </div>
          <DataTable
            label="Settings of the server"
            rows={all.filter((one) => isShown(one) && isFound(one))}
            keyOf={({ name }) => name}
            columns={[
              {
                name: 'state',
                label: '',
                width: 34,
                render: ({ isPendingRestart }) =>
                  isPendingRestart && <State name="warning" label="waits for a restart" />,
              },
              {
                name: 'name',
                label: 'Setting',
                width: 270,
                sortBy: ({ name }) => name,
                render: ({ name, isChanged }) => (
                  <span className="mono" title={name} style={isChanged ? { fontWeight: 600 } : undefined}>
                    {name}
                  </span>
                ),
              },
              {
                name: 'value',
                label: 'Value',
                width: 190,
                render: ({ value }) =>
                  value === null ? (
                    <span className="t3">not shown</span>
                  ) : (
                    <span className="mono" title={value}>
                      {value}
                    </span>
                  ),
              },
              {
                name: 'default',
                label: 'Built in',
                width: 150,
                render: (one) => (
                  <span className="mono t3" title={one.default ?? undefined}>
                    {one.default}
                  </span>
                ),
              },
              {
                name: 'source',
                label: 'Set by',
                width: 190,
                sortBy: ({ source }) => source,
                render: ({ source, place }) => (
                  <span title={place ?? undefined}>
                    {source}
                    {place && <span className="t3"> {place}</span>}
                  </span>
                ),
              },
              {
                name: 'context',
                label: 'Takes effect',
                width: 150,
                sortBy: ({ context }) => context,
                render: ({ context }) => takesEffect[context] ?? context,
              },
              {
                name: 'description',
                label: 'What it is',
                render: ({ description }) => (
                  <span className="t2" title={description}>
                    {description}
                  </span>
                ),
              },
            ]}
          />
          {isReloading && <ReloadDialog onClose={() => setReloading(false)} />}
        </div>
      )}
    </QueryPanel>
  )
}

function ReloadDialog({ onClose }: { onClose: () => void }) {
  const reload = useMutation(
    rpc.activity.reload.mutationOptions({
      onSuccess: () => {
        void queryClient.invalidateQueries({ queryKey: rpc.activity.settings.key() })
        onClose()
      },
    }),
  )
  return (
    <StatementDialog
      title="Read the configuration files again"
      sql="select pg_reload_conf();"
      error={reload.error}
      action="Reload"
      canApply={!reload.isPending}
      onApply={() => reload.mutate(undefined)}
      onClose={onClose}
    >
      <p className="t2">
        Every session takes what was changed in the files and takes effect after a reload; nobody is
        disconnected. What needs a restart is marked from then on, and stays as it is.
      </p>
    </StatementDialog>
  )
}
