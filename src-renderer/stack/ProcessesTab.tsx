import { useQuery } from '@tanstack/react-query'
import type { Container } from '../../src-main/containers/contract.ts'
import { rpc } from '../rpc/client.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'

/** What runs inside, as the engine's `top` has it, every five seconds. */
export function ProcessesTab({ container }: { container: Container }) {
  const isRunning = container.state === 'running'
  const processes = useQuery({
    ...rpc.containers.listProcesses.queryOptions({ input: { id: container.id } }),
    refetchInterval: 5000,
    enabled: isRunning,
  })
  if (!isRunning) return <p className="small t2">It does not run.</p>
  return (
    <QueryPanel query={processes}>
      {({ titles, rows }) => {
        const columns = ['PID', '%CPU', 'TIME', 'CMD', 'COMMAND']
          .map((title) => titles.indexOf(title))
          .filter((at) => at >= 0)
        return (
          <table className="stack__env stack__procs mono" aria-label="Processes">
            <thead>
              <tr>
                {columns.map((at) => (
                  <th key={at} scope="col">
                    {titles[at]}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row[titles.indexOf('PID')]}>
                  {columns.map((at) => (
                    <td key={at}>{row[at]}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        )
      }}
    </QueryPanel>
  )
}
