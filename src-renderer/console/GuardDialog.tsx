import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Blast } from '../../src-main/console/statementContract.ts'
import { rpc } from '../rpc/client.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { EnvironmentShape } from '../ui/EnvironmentShape.tsx'
import { formatBytes, formatCount, plural } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { SqlBlock } from '../ui/SqlBlock.tsx'
import { State } from '../ui/State.tsx'
import type { WaitingRun } from './useRun.ts'

interface Props {
  waiting: WaitingRun
  onRun: (typedName: string | undefined) => void
  /** Runs it in a transaction that stays open, and shows what it did. */
  onPreview: () => void
  onClose: () => void
}

/** What a run would destroy and what hangs on it, before anything is sent. In production the name is to be typed. */
export function GuardDialog({ waiting, onRun, onPreview, onClose }: Props) {
  const { id, source, target } = waiting
  const assessed = useQuery({
    ...rpc.console.assess.queryOptions({ input: { sessionId: id, ...source, ...target } }),
    gcTime: 0,
    staleTime: 0,
  })
  const environment = useQuery(rpc.environments.current.queryOptions())
  const [typed, setTyped] = useState('')
  const name = assessed.data?.nameToType ?? null
  const blasts = assessed.data?.blasts ?? []
  const rows = blasts.reduce((sum, blast) => sum + (blast.rows ?? 0), 0)
  const canPreview = blasts.length === 1 && /^(?:deletes|updates) every row$/.test(blasts[0]?.what ?? '')
  return (
    <Dialog
      title={blasts.length > 1 ? `Run ${blasts.length} statements that destroy?` : 'Run what destroys?'}
      width={600}
      onClose={onClose}
      foot={
        <>
          {canPreview && (
            <button type="button" className="btn" onClick={onPreview}>
              Preview in a transaction first
            </button>
          )}
          <span className="grow" />
          <button type="button" className="btn btn--ghost" onClick={onClose}>
            Keep the data
          </button>
          <button
            type="button"
            className="btn btn--danger-solid"
            disabled={!assessed.data || (name !== null && typed !== name)}
            onClick={() => onRun(name ?? undefined)}
          >
            {verb(blasts)} {rows > 0 ? plural(Math.round(rows), 'row') : ''}
          </button>
        </>
      }
    >
      {environment.data && (
        <p className="confirm__where">
          <EnvironmentShape kind={environment.data.kind} />
          <b>{environment.data.name}</b>
          <span className="t3">nothing was sent yet</span>
        </p>
      )}
      <QueryPanel query={assessed} rows={4}>
        {(data) => data.blasts.map((blast) => <BlastTable key={`${blast.line}`} blast={blast} />)}
      </QueryPanel>
      {name !== null && (
        <label className="confirm__type">
          <span>
            Type <b className="mono">{name}</b> to go on
          </span>
          <input
            className="input mono"
            value={typed}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => setTyped(event.target.value)}
          />
        </label>
      )}
    </Dialog>
  )
}

function verb(blasts: Blast[]): string {
  const what = blasts[0]?.what ?? ''
  if (blasts.length !== 1) return 'Run them: '
  if (what.startsWith('deletes')) return 'Delete'
  if (what.startsWith('updates')) return 'Update'
  if (what.startsWith('empties')) return 'Truncate'
  return what.startsWith('drops') ? 'Drop' : 'Run it'
}

function BlastTable({ blast }: { blast: Blast }) {
  return (
    <>
      <table className="blast">
        <tbody>
          <tr>
            <th scope="row">Line {blast.line}</th>
            <td>
              <b>{blast.what}</b>
              {blast.isCascade && (
                <span className="blast__bad">
                  <State name="warning" /> and all that depends on it
                </span>
              )}
            </td>
          </tr>
          <tr>
            <th scope="row">Rows</th>
            <td className="num">
              {blast.rows === null ? (
                'neither the plan nor the statistics know'
              ) : (
                <>
                  about <b>{formatCount(blast.rows)}</b>
                </>
              )}
            </td>
          </tr>
          {blast.objects.map((object) => (
            <ObjectRows key={`${object.type} ${object.name}`} object={object} />
          ))}
        </tbody>
      </table>
      <SqlBlock text={blast.text} label="SQL that will run" />
    </>
  )
}

function ObjectRows({ object }: { object: Blast['objects'][number] }) {
  const facts: [string, string[]][] = [
    ['Cascades', object.references],
    ['Triggers', object.triggers],
    ['Depends on it', object.dependants],
  ]
  return (
    <>
      <tr>
        <th scope="row">{object.type}</th>
        <td className="num">
          <span className="mono">{object.name}</span>
          {object.sizeBytes !== null && `, ${formatBytes(object.sizeBytes)}`}
          {object.partitions > 0 && `, ${plural(object.partitions, 'partition')}`}
        </td>
      </tr>
      {facts
        .filter(([, names]) => names.length > 0)
        .map(([label, names]) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            <td className="mono small">
              {names.slice(0, 8).join(', ')}
              {names.length > 8 && ` and ${names.length - 8} more`}
            </td>
          </tr>
        ))}
    </>
  )
}
