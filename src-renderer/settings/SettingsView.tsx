import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { rpc } from '../rpc/client.ts'
import { type Scheme, useAppearance } from '../shell/appearance.ts'
import { Facts } from '../ui/Facts.tsx'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { ViewHeader } from '../ui/ViewHeader.tsx'
import { EnvironmentForm } from './EnvironmentForm.tsx'
import { EnvironmentRow } from './EnvironmentRow.tsx'

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
