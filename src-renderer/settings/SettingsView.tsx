import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { Environment } from '../../src-main/environments/contract.ts'
import { queryClient, rpc } from '../rpc/client.ts'
import { type Scheme, useAppearance } from '../shell/appearance.ts'
import { EnvironmentShape, placeOfEnvironment } from '../ui/EnvironmentShape.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { Facts } from '../ui/Facts.tsx'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { ViewHeader } from '../ui/ViewHeader.tsx'
import { EnvironmentForm } from './EnvironmentForm.tsx'

const schemes: Scheme[] = ['system', 'light', 'dark']

/** Appearance, environments, and the facts of this Atlas. */
export function SettingsView() {
  const about = useQuery(rpc.settings.about.queryOptions())
  const environments = useQuery(rpc.environments.list.queryOptions())
  const appearance = useAppearance()
  const { environment: open } = useSearch({ strict: false })
  const navigate = useNavigate()
  const show = (environment: string | undefined) =>
    void navigate({ to: '/settings', search: { environment } })

  return (
    <>
      <ViewHeader title="Settings" />
      <div
        className="view-body scroll"
        style={{ padding: 16, display: 'grid', gap: 16, alignContent: 'start', maxWidth: 860 }}
      >
        <section className="panel">
          <header className="panel__head">
            <h2 className="panel__title">Environments</h2>
            <span className="panel__actions">
              <button type="button" className="btn btn--sm" onClick={() => show('new')}>
                <IconPlus className="icon" />
                Add
              </button>
            </span>
          </header>
          <QueryPanel query={environments} rows={2}>
            {(list) => (
              <ul>
                {list.map((environment) => (
                  <EnvironmentRow
                    key={environment.id}
                    environment={environment}
                    onEdit={() => show(environment.id)}
                  />
                ))}
              </ul>
            )}
          </QueryPanel>
        </section>

        <section className="panel">
          <header className="panel__head">
            <h2 className="panel__title">Appearance</h2>
          </header>
          <div className="row" style={{ padding: '4px 12px 12px' }}>
            <fieldset className="seg" aria-label="Scheme" style={{ border: 0, margin: 0 }}>
              {schemes.map((scheme) => (
                <button
                  key={scheme}
                  type="button"
                  aria-pressed={appearance.scheme === scheme}
                  onClick={() => useAppearance.setState({ scheme })}
                >
                  {scheme}
                </button>
              ))}
            </fieldset>
            <label className="check small">
              <input
                type="checkbox"
                checked={appearance.isHighContrast}
                onChange={(event) => useAppearance.setState({ isHighContrast: event.target.checked })}
              />
              High contrast
            </label>
          </div>
        </section>

        <section className="panel">
          <header className="panel__head">
            <h2 className="panel__title">This Atlas</h2>
          </header>
          <div style={{ padding: '0 12px 12px' }}>
            <QueryPanel query={about} rows={4}>
              {(data) => (
                <Facts
                  facts={[
                    ['Version', data.version],
                    [
                      'Edition',
                      { electron: 'desktop', server: 'browser', worker: 'worker', cli: 'command line' }[
                        data.host
                      ],
                    ],
                    [
                      'Data folder',
                      <span key="home" className="mono">
                        {data.home}
                      </span>,
                    ],
                    [
                      'Secrets',
                      <span key="key">
                        encrypted; the key is in{' '}
                        {data.secretsKey === 'keychain'
                          ? "the operating system's keychain"
                          : 'a file that only you can read: '}
                        {data.secretsKey === 'file' && <span className="mono">{data.secretsKeyDetail}</span>}
                      </span>,
                    ],
                    ['Node', data.node],
                  ]}
                />
              )}
            </QueryPanel>
          </div>
        </section>
      </div>
      {open && environments.data && (
        <EnvironmentForm
          environment={environments.data.find(({ id }) => id === open)}
          onClose={() => show(undefined)}
        />
      )}
    </>
  )
}

function EnvironmentRow({ environment, onEdit }: { environment: Environment; onEdit: () => void }) {
  const remove = useMutation({
    ...rpc.environments.remove.mutationOptions(),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: rpc.environments.key() }),
  })
  const isOwn = !environment.isFromVariables && environment.id !== 'embedded'
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
              title={`Remove ${environment.name} from this list; its database is not touched`}
              onClick={() => remove.mutate({ id: environment.id })}
            >
              <IconTrash className="icon" />
            </button>
          </>
        )}
      </div>
      {remove.error && <ErrorNotice error={remove.error} />}
    </li>
  )
}
