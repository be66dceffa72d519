import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { GrantChange, Privilege } from '../../src-main/schema/grants/contract.ts'
import { queryClient, rpc } from '../rpc/client.ts'
import { State } from '../ui/State.tsx'
import { StatementDialog } from '../ui/StatementDialog.tsx'

type Reach = GrantChange['reach']

interface Props {
  schema: string
  name: string
  /** What can be granted, by reach. */
  choices: Record<Reach, Privilege[]>
  /** Empty before one is chosen. */
  role: string
  onClose: () => void
}

const actions: Record<GrantChange['action'], string> = {
  grant: 'grant',
  'grant with grant option': 'grant, and let it grant on',
  'revoke grant option': 'revoke the right to grant on',
  revoke: 'revoke',
}

/** Grants or revokes privileges, after the statement was read; it stays open for the next one. */
export function GrantDialog({ schema, name, choices, role: first, onClose }: Props) {
  const [role, setRole] = useState(first)
  const [action, setAction] = useState<GrantChange['action']>('grant')
  const [reach, setReach] = useState<Reach>('object')
  const [chosen, setChosen] = useState<Privilege[]>([])
  const tree = useQuery(rpc.schema.tree.queryOptions())
  const known = tree.data?.objects.filter(({ kind }) => kind === 'role').map((each) => each.name) ?? []
  const roles = new Set([first, ...known].filter((each) => each !== '' && each !== 'public'))
  const offered = choices[reach]
  const privileges = offered.filter((privilege) => chosen.includes(privilege))
  const change: GrantChange = { schema, name, role, action, reach, privileges }
  const isWhole = role !== '' && privileges.length > 0
  const preview = useQuery({
    ...rpc.schema.previewGrant.queryOptions({ input: change }),
    enabled: isWhole,
    placeholderData: keepPreviousData,
  })
  const isRead = preview.isSuccess && !preview.isPlaceholderData
  const apply = useMutation(
    rpc.schema.applyGrant.mutationOptions({
      onSuccess: () => void queryClient.invalidateQueries({ queryKey: rpc.schema.key() }),
    }),
  )
  const isRevoke = action.startsWith('revoke')
  const choosing =
    <Value,>(set: (value: Value) => void) =>
    (value: Value) => {
      apply.reset()
      set(value)
    }
  return (
    <StatementDialog
      title="Grant or revoke"
      width={600}
      sql={isWhole ? preview.data?.sql : undefined}
      unwritten={
        isWhole ? undefined : (
          <p className="t3 small">
            Choose a role and at least one privilege: the statement stands here then.
          </p>
        )
      }
      error={apply.error ?? preview.error}
      outcome={
        apply.isSuccess && (
          <p className="row small" role="status">
            <State name="succeeded" />
            {isRevoke ? 'Revoked.' : 'Granted.'}
          </p>
        )
      }
      confirm={name}
      note="In one transaction."
      back={apply.data ? 'Close' : 'Back'}
      action={isRevoke ? 'Revoke' : 'Grant'}
      isDangerous={isRevoke}
      canApply={isRead && !apply.isPending && !apply.isSuccess}
      onApply={() => apply.mutate(change)}
      onClose={onClose}
    >
      <label className="field">
        Role
        <select
          className="input mono"
          value={role}
          onChange={(event) => choosing(setRole)(event.target.value)}
        >
          <option value="">choose one</option>
          <option value="public">public (everybody)</option>
          {[...roles].map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        What to do
        <select
          className="input"
          value={action}
          onChange={(event) => choosing(setAction)(event.target.value as GrantChange['action'])}
        >
          {Object.entries(actions).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        On
        <select
          className="input"
          value={reach}
          onChange={(event) => choosing(setReach)(event.target.value as Reach)}
        >
          <option value="object">{name}</option>
          <option value="all">all tables and views that {schema} has now</option>
          <option value="future">tables and views that this user makes in {schema} from now on</option>
          <option value="schema">the schema {schema} itself</option>
        </select>
      </label>
      <fieldset className="grant__privileges" aria-label="Privileges">
        {offered.map((privilege) => (
          <label key={privilege} className="check small">
            <input
              type="checkbox"
              checked={chosen.includes(privilege)}
              onChange={({ target }) =>
                choosing(setChosen)(
                  target.checked ? [...chosen, privilege] : chosen.filter((each) => each !== privilege),
                )
              }
            />
            {privilege}
          </label>
        ))}
      </fieldset>
    </StatementDialog>
  )
}
