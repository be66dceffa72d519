import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Finding, Plan } from '../../src-main/stack/planContract.ts'
import { queryClient, rpc } from '../rpc/client.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { plural } from '../ui/format.ts'
import { Loading } from '../ui/Loading.tsx'
import { State } from '../ui/State.tsx'
import { Choice, OrphanChoice } from './Choice.tsx'

interface Props {
  project: string | undefined
  /** Only these, with what they need. */
  services?: string[]
  recreate?: 'changed' | 'always'
  onClose: () => void
}

/** What stands in the way, what would be created, changed and left; then up. */
export function UpDialog({ project, services, recreate = 'changed', onClose }: Props) {
  const target = { ...(project && { project }), ...(services && { services }) }
  const doctor = useQuery({
    ...rpc.stack.doctor.queryOptions({ input: project ? { project } : {} }),
    staleTime: 0,
  })
  const [shouldBuild, setBuild] = useState(false)
  const [shouldRemoveOrphans, setRemoveOrphans] = useState(false)
  const plan = useQuery({
    ...rpc.stack.plan.queryOptions({ input: { ...target, shouldBuild } }),
    staleTime: 0,
    placeholderData: (before) => before,
  })
  const fix = useMutation(rpc.stack.fix.mutationOptions({ onSuccess: () => queryClient.invalidateQueries() }))
  const up = useMutation(rpc.stack.up.mutationOptions({ onSuccess: onClose }))
  const [accepted, setAccepted] = useState<string[]>([])
  const findings = doctor.data?.filter(({ status }) => status !== 'pass') ?? []
  const isBlocked = findings.some(({ status }) => status === 'fail')
  const questions = plan.data?.questions ?? []
  const isAnswered = questions.every(({ id }) => accepted.includes(id))
  return (
    <Dialog
      title={services ? `Bring up ${services.join(', ')}` : 'Bring the stack up'}
      width={620}
      onClose={onClose}
      foot={
        <>
          <span className="grow small t2">{plan.data && summaryOf(plan.data)}</span>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button
            type="button"
            className="btn btn--primary"
            disabled={!plan.data || isBlocked || !isAnswered || up.isPending}
            title={isBlocked ? 'Something below has to be mended first' : undefined}
            onClick={() =>
              up.mutate({ ...target, accept: accepted, recreate, shouldBuild, shouldRemoveOrphans })
            }
          >
            Bring up
          </button>
        </>
      }
    >
      {(doctor.isPending || plan.isPending) && <Loading rows={4} />}
      {doctor.error && <ErrorNotice error={doctor.error} onRetry={() => void doctor.refetch()} />}
      {plan.error && doctor.data && !isBlocked && (
        <ErrorNotice error={plan.error} onRetry={() => void plan.refetch()} />
      )}
      {doctor.data && (
        <ul className="steps" aria-label="Checks before up">
          {findings.length === 0 && (
            <li>
              <State name="succeeded" />
              <span>Engine, files, secrets, ports, images and disk are in order</span>
            </li>
          )}
          {findings.map((finding) => (
            <FindingRow
              key={`${finding.check} ${finding.object} ${finding.message}`}
              finding={finding}
              isFixing={fix.isPending}
              onFix={(id) => fix.mutate({ ...(project && { project }), id })}
            />
          ))}
        </ul>
      )}
      {fix.data && (
        <p className="small t2" role="status">
          Written to {fix.data.file}: {fix.data.written.join(', ')}
        </p>
      )}
      {questions.map(({ id, message, service, field }) => (
        <Choice
          key={id}
          isOn={accepted.includes(id)}
          onChange={(isOn) =>
            setAccepted((before) => (isOn ? [...before, id] : before.filter((one) => one !== id)))
          }
        >
          <b>{service}</b> <span className="mono t3">{field}</span>: {message}
        </Choice>
      ))}
      {plan.data && <PlanTable plan={plan.data} />}
      {(plan.data?.builds.length ?? 0) > 0 && (
        <Choice isOn={shouldBuild} onChange={setBuild}>
          Build the {plan.data?.builds.length === 1 ? 'image' : 'images'} of{' '}
          <b className="mono">{plan.data?.builds.join(', ')}</b> anew
        </Choice>
      )}
      <OrphanChoice names={plan.data?.orphans ?? []} isOn={shouldRemoveOrphans} onChange={setRemoveOrphans} />
      {(fix.error ?? up.error) && <ErrorNotice error={fix.error ?? up.error} />}
    </Dialog>
  )
}

function FindingRow({
  finding,
  isFixing,
  onFix,
}: {
  finding: Finding
  isFixing: boolean
  onFix: (id: string) => void
}) {
  const { fix } = finding
  return (
    <li style={{ alignItems: 'flex-start', padding: '3px 0' }}>
      <State name={finding.status === 'fail' ? 'failed' : 'warning'} />
      <span className="grow">
        {finding.message}
        {finding.next && <span className="t2"> {finding.next}</span>}
      </span>
      {fix && (
        <button type="button" className="btn btn--sm" disabled={isFixing} onClick={() => onFix(fix.id)}>
          {fix.label}
        </button>
      )}
    </li>
  )
}

function PlanTable({ plan }: { plan: Plan }) {
  const steps = plan.steps.filter(({ action }) => action !== 'leave' && action !== 'keep')
  if (steps.length === 0)
    return <p className="small t2">Everything is as the files say: nothing would be changed.</p>
  return (
    <table className="blast" aria-label="What would be done">
      <tbody>
        {steps.map(({ kind, name, action, reason, keptVolumes }) => (
          <tr key={`${kind} ${name} ${action}`}>
            <th scope="row">
              {action} {kind}
            </th>
            <td>
              <b className="mono">{name}</b> <span className="t2">{reason}</span>
              {keptVolumes.length > 0 && <span className="t3">, keeps {keptVolumes.join(', ')}</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function summaryOf({ steps }: Plan): string {
  const count = (...actions: string[]) => steps.filter(({ action }) => actions.includes(action)).length
  return [
    plural(count('create'), 'new object'),
    `${count('recreate')} recreated`,
    `${count('leave', 'keep')} left as they are`,
  ].join(', ')
}
