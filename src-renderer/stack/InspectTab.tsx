import { useQuery } from '@tanstack/react-query'
import type { Container } from '../../src-main/containers/contract.ts'
import { rpc } from '../rpc/client.ts'
import { CopyButton } from '../ui/CopyButton.tsx'
import { Facts } from '../ui/Facts.tsx'
import { formatBytes } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'

/** What a container is made of. Secrets are masked before they leave the backend. */
export function InspectTab({ container }: { container: Container }) {
  const detail = useQuery(rpc.containers.describe.queryOptions({ input: { id: container.id } }))
  return (
    <QueryPanel query={detail}>
      {({
        image,
        command,
        user,
        restartPolicy,
        environment,
        mounts,
        networks,
        labels,
        healthLog,
        inspect,
      }) => (
        <>
          <Facts
            facts={[
              [
                'Image',
                <span key="image" className="mono small">
                  {image.name}
                </span>,
              ],
              [
                'Digest',
                image.digest && (
                  <span key="digest" className="mono small">
                    {image.digest.slice(0, 19)}
                  </span>
                ),
              ],
              [
                'Image id',
                <span key="id" className="mono small">
                  {image.id.slice(0, 19)}
                </span>,
              ],
              ['Built', image.createdAt && <RelativeTime key="built" time={image.createdAt} />],
              ['Size', image.sizeBytes !== null && formatBytes(image.sizeBytes)],
              ['Platform', image.architecture],
              [
                'Command',
                <span key="command" className="mono small">
                  {command}
                </span>,
              ],
              ['User', user || 'as the image says'],
              ['Restart', restartPolicy],
              ['Restarts', container.restarts],
              ['Made', <RelativeTime key="made" time={container.createdAt} />],
            ]}
          />
          <Pairs title="Environment" pairs={environment.map(({ name, value }) => [name, value])} />
          {mounts.length > 0 && (
            <Pairs
              title="Mounts"
              pairs={mounts.map(({ target, source, isWritable, sizeBytes }) => [
                target,
                `${source}${isWritable ? '' : ' (read only)'}${sizeBytes === null ? '' : `, ${formatBytes(sizeBytes)}`}`,
              ])}
            />
          )}
          <Pairs
            title="Networks"
            pairs={networks.map(({ name, address, aliases }) => [
              name,
              [address, ...aliases].filter(Boolean).join(', '),
            ])}
          />
          {healthLog.length > 0 && (
            <Pairs
              title="Last health checks"
              pairs={healthLog.map(({ at, exitCode, output }) => [
                at.toLocaleTimeString('en-GB'),
                `${exitCode === 0 ? 'healthy' : `exit code ${exitCode}`} ${output}`,
              ])}
            />
          )}
          <details>
            <summary className="drawer__label">Labels ({labels.length})</summary>
            <Pairs title="" pairs={labels.map(({ name, value }) => [name, value])} />
          </details>
          <details>
            <summary className="drawer__label">As JSON</summary>
            <div className="row">
              <span className="grow" />
              <CopyButton text={inspect} />
            </div>
            <pre className="code code--sm stack__json">{inspect}</pre>
          </details>
        </>
      )}
    </QueryPanel>
  )
}

function Pairs({ title, pairs }: { title: string; pairs: [string, string][] }) {
  return (
    <section className="drawer__section">
      {title && <h3 className="drawer__label">{title}</h3>}
      <table className="stack__env mono" aria-label={title || 'Labels'}>
        <tbody>
          {pairs.map(([name, value]) => (
            <tr key={`${name} ${value}`}>
              <td>{name}</td>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
