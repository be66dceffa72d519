import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Grant } from '../../src-main/schema/grants/contract.ts'
import { rpc } from '../rpc/client.ts'
import { DataTable } from '../ui/DataTable.tsx'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { GrantDialog } from './GrantDialog.tsx'

/** Who may do what with a table or view, and the change of it. */
export function GrantsTab({ schema, name }: { schema: string; name: string }) {
  const grants = useQuery(rpc.schema.listGrants.queryOptions({ input: { schema, name } }))
  // Empty before one is chosen.
  const [changing, setChanging] = useState<string>()
  return (
    <QueryPanel query={grants} rows={6}>
      {(data) => (
        <>
          <div className="toolbar">
            <span className="small t2 toolbar__fill">
              On the whole; privileges on single columns stand in its DDL. Superusers need none.
            </span>
            <button type="button" className="btn btn--sm" onClick={() => setChanging('')}>
              Grant or revoke…
            </button>
          </div>
          <DataTable
            label="Grants"
            rows={data.grants}
            keyOf={({ role, grantor }) => JSON.stringify([role, grantor])}
            columns={[
              {
                name: 'role',
                label: 'Role',
                width: 280,
                sortBy: ({ role }) => role,
                render: ({ role, isOwner }) => (
                  <span className="cell">
                    <span className="mono grow clip" title={role}>
                      {role}
                    </span>
                    {isOwner && <span className="t3 small">owner</span>}
                    <button type="button" className="link small" onClick={() => setChanging(role)}>
                      Change…
                    </button>
                  </span>
                ),
              },
              { name: 'privileges', label: 'Privileges', render: renderPrivileges },
              {
                name: 'grantor',
                label: 'Granted by',
                width: 160,
                sortBy: ({ grantor }) => grantor,
                render: ({ grantor }) => <span className="mono t2">{grantor}</span>,
              },
            ]}
          />
          {changing !== undefined && (
            <GrantDialog
              {...{ schema, name }}
              choices={data.choices}
              role={changing}
              onClose={() => setChanging(undefined)}
            />
          )}
        </>
      )}
    </QueryPanel>
  )
}

function renderPrivileges({ privileges, grantable, mayUseSchema }: Grant) {
  const each = privileges.map((privilege) =>
    grantable.includes(privilege) ? `${privilege} (may grant on)` : privilege,
  )
  const text =
    grantable.length === privileges.length ? `${privileges.join(', ')}; may grant all on` : each.join(', ')
  return (
    <span title={text}>
      {text}
      {!mayUseSchema && <span className="t-warn">, of no use without usage of the schema</span>}
    </span>
  )
}
