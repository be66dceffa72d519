import { useQuery } from '@tanstack/react-query'
import { rpc } from '../rpc/client.ts'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { State } from '../ui/State.tsx'

const words = {
  transaction: 'open transaction',
  run: 'pipeline run',
  migration: 'migration',
  service: 'service',
  client: 'client',
}

/** What would be interrupted if a service stopped, asked anew every two seconds. */
export function WorkList({ service, project }: { service: string; project: string | undefined }) {
  const work = useQuery({
    ...rpc.containers.listWork.queryOptions({ input: { service, ...(project && { project }) } }),
    refetchInterval: 2000,
  })
  if (work.error) return <ErrorNotice error={work.error} />
  if (!work.data) return <p className="small t2">Asking {service} what runs on it</p>
  if (work.data.length === 0)
    return (
      <p className="small row">
        <State name="succeeded" />
        Nothing runs on {service}.
      </p>
    )
  return (
    <table className="blast" aria-label={`What runs on ${service}`}>
      <tbody>
        {work.data.map(({ kind, name, detail, since }) => (
          <tr key={`${kind} ${name}`}>
            <th scope="row">{words[kind]}</th>
            <td>
              <b className="mono">{name}</b>{' '}
              {since && (
                <span className="t3">
                  since <RelativeTime time={since} />
                </span>
              )}
              <div className="small t2 clip" title={detail}>
                {detail}
              </div>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
