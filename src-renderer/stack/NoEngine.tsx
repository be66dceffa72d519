import { IconBox } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Snapshot } from '../../src-main/containers/contract.ts'
import { rpc } from '../rpc/client.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { FaultNotice } from '../ui/ErrorNotice.tsx'

/** What a machine without an engine sees: why, what it is for, and that all else works. It looks again by itself. */
export function NoEngine({ engine }: { engine: Snapshot['engine'] }) {
  const report = useQuery(rpc.stack.engine.queryOptions())
  const tried = report.data?.tried ?? []
  return (
    <div className="view-body scroll stack__none">
      <EmptyState
        icon={<IconBox className="icon icon--18" />}
        title={engine.fault ? 'The Docker engine does not answer' : 'No Docker engine on this machine'}
        actions={
          <Link className="btn" to="/overview">
            Work without it
          </Link>
        }
      >
        Docker runs the full stack here: PostgreSQL, Redis, MinIO, Marquez, Prefect, the API and its workers.
        Atlas works without it on its own PostgreSQL. Start Docker Desktop, Docker Engine, OrbStack, Colima or
        Podman, and this view finds it by itself within two seconds.
      </EmptyState>
      <div style={{ maxWidth: 560, margin: '0 auto', padding: '0 16px 24px' }}>
        {engine.fault && <FaultNotice fault={engine.fault} />}
        {tried.length > 0 && (
          <details className="small t2">
            <summary>Where Atlas looked</summary>
            <table className="stack__env mono" style={{ marginTop: 8 }}>
              <tbody>
                {tried.map(({ source, address, outcome }) => (
                  <tr key={`${source} ${address}`}>
                    <td>{source}</td>
                    <td>
                      {address} <span className="t3">{outcome}</span>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </details>
        )}
      </div>
    </div>
  )
}
