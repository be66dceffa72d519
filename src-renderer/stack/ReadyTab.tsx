import { IconArrowRight } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { Container, Failure, Service, Snapshot } from '../../src-main/containers/contract.ts'
import { rpc } from '../rpc/client.ts'
import { CopyButton } from '../ui/CopyButton.tsx'
import { State } from '../ui/State.tsx'

interface Props {
  service: Service
  container: Container | undefined
  snapshot: Snapshot
  project: string | undefined
}

/** What its readiness stands on, why it failed, and where it differs from its file. */
export function ReadyTab({ service, container, snapshot, project }: Props) {
  const drift = useQuery({
    ...rpc.stack.drift.queryOptions({ input: { ...(project && { project }), services: [service.name] } }),
    enabled: container !== undefined,
  })
  const differs = drift.data?.find((one) => one.service === service.name)
  const waitsFor = snapshot.edges.filter(({ to, isMet }) => to === service.name && !isMet)
  const command = `docker compose -p ${snapshot.project} up -d \\\n  --no-deps ${service.name}`
  return (
    <>
      {container?.failure && <FailureCard failure={container.failure} />}
      {waitsFor.map(({ says, isBlocking }) => (
        <p key={says} className="small row">
          <State name={isBlocking ? 'warning' : 'queued'} />
          {says}
        </p>
      ))}
      {container && container.steps.length > 0 && (
        <section className="drawer__section">
          <h3 className="drawer__label">Ready when</h3>
          <ul className="steps">
            {container.steps.map(({ label, status, detail }) => (
              <li key={label}>
                <State name={status} />
                <span>{label}</span>
                <span
                  className={`num ${status === 'failed' ? 't-fail' : status === 'running' ? 't-accent' : 't3'}`}
                >
                  {detail}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {!container && <p className="small t2">No container was made of it yet.</p>}
      {container && container.ports.length > 0 && (
        <section className="drawer__section">
          <h3 className="drawer__label">Ports</h3>
          <ul className="steps">
            {container.ports.map(({ hostIp, hostPort, containerPort, protocol }) => (
              <li key={`${hostPort} ${protocol}`}>
                <span className="mono">
                  {hostIp}:{hostPort}
                </span>
                <span className="t3 mono">
                  to {containerPort}/{protocol}
                </span>
                {speaksHttp(container, containerPort) && (
                  <a
                    className="link link--accent"
                    style={{ marginLeft: 'auto' }}
                    href={`http://${hostIp === '0.0.0.0' || hostIp === '::' ? '127.0.0.1' : hostIp}:${hostPort}`}
                    target="_blank"
                    rel="noreferrer noopener"
                  >
                    Open
                  </a>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
      {differs && differs.changes.length > 0 && (
        <section className="drawer__section">
          <h3 className="drawer__label">
            Differs from the compose file
            <span className="count count--warning">{differs.changes.length}</span>
          </h3>
          <table className="diff">
            <tbody>
              {differs.changes.map(({ field, before, after }) => (
                <tr key={field}>
                  <td className="mono">{field}</td>
                  <td className="mono diff__old">{before ?? 'not set'}</td>
                  <td>
                    <IconArrowRight className="icon icon--12 t3" />
                  </td>
                  <td className="mono diff__new">{after ?? 'not set'}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p className="steps__next">
            {differs.keptVolumes.length > 0
              ? `Recreating ${service.name} keeps volume ${differs.keptVolumes.join(', ')}.`
              : `Recreating ${service.name} touches no volume.`}
          </p>
        </section>
      )}
      <section className="drawer__section">
        <h3 className="drawer__label">
          The same from a terminal
          <span className="stack__copy">
            <CopyButton text={command} />
          </span>
        </h3>
        <pre className="code code--sm">{command}</pre>
      </section>
    </>
  )
}

// What is known to serve pages; a database's port opens nothing that a browser could show.
const speaksHttp = ({ kind }: Container, port: number) =>
  kind !== 'postgres' && kind !== 'redis' && ![5432, 6379, 3306, 27017].includes(port)

/** Why it failed: what was said, what it means, what to do. */
function FailureCard({ failure }: { failure: Failure }) {
  return (
    <div className="stack__failure" role="alert">
      <p className="row">
        <State name="failed" />
        <b>{failure.title}</b>
      </p>
      <pre>{failure.evidence}</pre>
      <p>{failure.next}</p>
      {failure.remedy && (
        <p className="row">
          <code className="mono small grow">{failure.remedy}</code>
          <CopyButton text={failure.remedy} />
        </p>
      )}
    </div>
  )
}
