import { useQuery } from '@tanstack/react-query'
import type { Placement } from '../../src-main/migrations/state.contract.ts'
import { rpc } from '../rpc/client.ts'
import { EnvironmentShape } from '../ui/EnvironmentShape.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { plural } from '../ui/format.ts'
import { State } from '../ui/State.tsx'
import { isPending, marks, stateWords, useSource } from './source.ts'

const mostRows = 6

/** How far each environment is. It connects to all of them, so it looks only when it is asked to. */
export function Placements() {
  const source = useSource()
  const { data: environments } = useQuery(rpc.environments.list.queryOptions())
  const found = useQuery({
    ...rpc.migrations.placements.queryOptions({ input: source }),
    enabled: false,
  })
  if ((environments?.length ?? 0) < 2) return null
  return (
    <section className="mig__where" aria-label="Where each one is">
      <div className="cell">
        <b className="grow">Where each one is</b>
        <button
          type="button"
          className="link link--accent small"
          disabled={found.isFetching}
          onClick={() => void found.refetch()}
        >
          {found.isFetching ? 'Asking each environment…' : found.data ? 'Look again' : 'Look'}
        </button>
      </div>
      {found.error && <ErrorNotice error={found.error} />}
      {found.data && <Table placements={found.data} />}
    </section>
  )
}

function Table({ placements }: { placements: readonly Placement[] }) {
  const { rows, others } = chooseRows(placements)
  return (
    <div className="scroll mig__places">
      <table aria-label="Migrations by environment">
        <thead>
          <tr>
            <td />
            {placements.map(({ environmentId, environment, kind, failure }) => (
              <th key={environmentId} scope="col" title={failure?.message ?? environment}>
                <span className="cell">
                  <EnvironmentShape kind={kind} />
                  <span className="clip">{environment}</span>
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((version) => (
            <tr key={version}>
              <th scope="row" className="mono">
                {version}
              </th>
              {placements.map(({ environmentId, states, failure }) => {
                const state = states?.find((one) => one.version === version)?.state
                return (
                  <td key={environmentId} title={failure?.message ?? (state && stateWords[state])}>
                    {failure ? (
                      <State name="skipped" label={failure.message} />
                    ) : state ? (
                      <State name={marks[state]} label={stateWords[state]} />
                    ) : null}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {others > 0 && <p className="t3 small">{plural(others, 'other')}</p>}
      {placements.map(
        ({ environmentId, environment, failure }) =>
          failure && (
            <p key={environmentId} className="small t-fail">
              {environment}: {failure.message}
            </p>
          ),
      )}
    </div>
  )
}

/** Those that are not the same everywhere, then the newest; the newest stands first. */
function chooseRows(placements: readonly Placement[]): { rows: string[]; others: number } {
  const answered = placements.flatMap(({ states }) => (states ? [states] : []))
  const versions = [...new Set(answered.flatMap((states) => states.map(({ version }) => version)))]
  const applied = answered.map(
    (states) => new Set(states.flatMap((one) => (isPending(one) ? [] : one.version))),
  )
  const count = (version: string) => applied.filter((set) => set.has(version)).length
  const differing = versions.filter((version) => count(version) > 0 && count(version) < answered.length)
  const wanted = new Set([...differing.slice(-mostRows), ...versions.slice(-mostRows)].slice(0, mostRows))
  const rows = versions.filter((version) => wanted.has(version)).reverse()
  return { rows, others: versions.length - rows.length }
}
