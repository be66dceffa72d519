import { useVirtualizer } from '@tanstack/react-virtual'
import { useMemo, useRef, useState } from 'react'
import type { Plan, PlanNode } from '../../src-main/console/explainContract.ts'
import { CopyButton } from '../ui/CopyButton.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { formatCount, formatDuration } from '../ui/format.ts'
import { State } from '../ui/State.tsx'
import { indentJson } from './jsonText.ts'
import { PlanStep } from './PlanStep.tsx'
import { detailsOf } from './planDetails.ts'
import { type KeptPlan, usePlans } from './plans.ts'

const rowHeight = 26
const none: KeptPlan[] = []

/** A plan as the tree of its steps in a table: what took the time, how far the planner was off, what would help. */
export function PlanPane({ id }: { id: string }) {
  const plans = usePlans((state) => state.plans[id] ?? none)
  const error = usePlans((state) => state.errors[id])
  const [chosen, setChosen] = useState<number>()
  const [other, setOther] = useState<number>()
  if (error !== undefined && error !== null) return <ErrorNotice error={error} />
  const kept = plans.find((plan) => plan.id === chosen) ?? plans[0]
  if (!kept) return null
  const compared = plans.find((plan) => plan.id === other && plan !== kept)
  return (
    <div className="plan">
      <div className="con__tools">
        <Pick label="Plan" plans={plans} value={kept.id} onChange={setChosen} />
        {plans.length > 1 && (
          <Pick
            label="Compare with"
            plans={plans.filter((plan) => plan !== kept)}
            value={compared?.id ?? 0}
            onChange={setOther}
            isOptional
          />
        )}
        <Figures plan={kept.plan} before={compared?.plan} />
        <span className="toolbar__fill" />
        <CopyButton text={() => indentJson(kept.plan.json) ?? kept.plan.json} />
      </div>
      {compared && <Gone plan={kept.plan} before={compared.plan} />}
      <Hints plan={kept.plan} />
      <Steps plan={kept.plan} before={compared?.plan} />
    </div>
  )
}

interface PickProps {
  label: string
  plans: KeptPlan[]
  value: number
  onChange: (id: number | undefined) => void
  isOptional?: boolean
}

function Pick({ label, plans, value, onChange, isOptional }: PickProps) {
  return (
    <label className="con__bound small t2">
      {label}
      <select value={value} onChange={(event) => onChange(Number(event.target.value) || undefined)}>
        {isOptional && <option value={0}>none</option>}
        {plans.map(({ id, at, plan }) => (
          <option key={id} value={id}>
            {at.toLocaleTimeString('en-GB')} {plan.statement.replaceAll(/\s+/g, ' ').slice(0, 40)}
          </option>
        ))}
      </select>
    </label>
  )
}

function Figures({ plan, before }: { plan: Plan; before: Plan | undefined }) {
  if (plan.executionMs === null) return <span className="small t2">not run: costs, no times</span>
  return (
    <span className="small t2 num">
      planned in {formatDuration(plan.planningMs ?? 0)}, ran in <b>{formatDuration(plan.executionMs)}</b>
      {before?.executionMs != null && `, before ${formatDuration(before.executionMs)}`}
      {plan.jitMs !== null && `, compiling ${formatDuration(plan.jitMs)}`}
      {plan.triggers.map(
        ({ name, ms, calls }) => `, trigger ${name} ${formatDuration(ms)} in ${calls} calls`,
      )}
    </span>
  )
}

/** The same step in two plans. */
const stepKey = ({ depth, type, target }: PlanNode) => `${depth} ${type} ${target}`

/** What the plan that it is compared with did and this one does not, the heaviest first. */
function Gone({ plan, before }: { plan: Plan; before: Plan }) {
  const here = new Set(plan.nodes.map(stepKey))
  const cost = (node: PlanNode) => node.exclusiveMs ?? node.exclusiveCost
  const gone = before.nodes.filter((node) => !here.has(stepKey(node))).sort((a, b) => cost(b) - cost(a))
  if (gone.length === 0) return null
  return (
    <p className="plan__gone small t2">
      Only before:{' '}
      {gone
        .slice(0, 4)
        .map(({ type, target, exclusiveMs }) =>
          `${type} ${target}${exclusiveMs === null ? '' : ` ${formatDuration(exclusiveMs)}`}`.trim(),
        )
        .join(', ')}
      {gone.length > 4 && ` and ${formatCount(gone.length - 4)} more`}
    </p>
  )
}

function Hints({ plan }: { plan: Plan }) {
  if (plan.hints.length === 0) return null
  return (
    <ul className="plan__hints">
      {plan.hints.slice(0, 5).map(({ text, sql, nodeId }) => (
        <li key={`${nodeId} ${text}`} className="row small">
          <State name="warning" />
          <span>{text}</span>
          {sql && (
            <>
              <code className="mono small">{sql}</code>
              <CopyButton text={sql} />
            </>
          )}
        </li>
      ))}
    </ul>
  )
}

function Steps({ plan, before }: { plan: Plan; before: Plan | undefined }) {
  const scroller = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState<number>()
  const rows = useVirtualizer({
    count: plan.nodes.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 20,
  })
  const weight = (node: PlanNode) => node.exclusiveMs ?? node.exclusiveCost
  const heaviest = useMemo(
    () => plan.nodes.reduce((most, node) => Math.max(most, node.exclusiveMs ?? node.exclusiveCost), 1e-9),
    [plan],
  )
  const total = useMemo(
    () => plan.nodes.reduce((sum, node) => sum + (node.exclusiveMs ?? node.exclusiveCost), 1e-9),
    [plan],
  )
  const earlier = useMemo(() => new Map(before?.nodes.map((node) => [stepKey(node), node])), [before])
  const shown = open === undefined ? undefined : plan.nodes[open]
  const details = useMemo(() => (open === undefined ? [] : detailsOf(plan.json, open)), [plan, open])
  return (
    <div className="plan__body">
      <div
        ref={scroller}
        className="plan__steps"
        role="treegrid"
        aria-label="Steps of the plan"
        aria-rowcount={plan.nodes.length + 1}
        tabIndex={0}
      >
        {/* biome-ignore lint/a11y/useSemanticElements: a plan of ten thousand steps cannot be in the page */}
        <div role="row" tabIndex={-1} className="plan__row plan__row--head" aria-rowindex={1}>
          {[
            'Step',
            plan.isAnalyzed ? 'Own time' : 'Own cost',
            'Rows',
            'Off by',
            'Loops',
            'Blocks',
            'I/O',
          ].map((name) => (
            // biome-ignore lint/a11y/useSemanticElements: see above
            <span key={name} role="columnheader" tabIndex={-1}>
              {name}
            </span>
          ))}
        </div>
        <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
          {rows.getVirtualItems().map(({ index, start }) => {
            const node = plan.nodes[index]
            return (
              node && (
                <PlanStep
                  key={index}
                  node={node}
                  top={start}
                  heat={weight(node) / heaviest}
                  share={weight(node) / total}
                  before={earlier.get(stepKey(node))}
                  isOpen={open === index}
                  onOpen={() => setOpen(open === index ? undefined : index)}
                />
              )
            )
          })}
        </div>
      </div>
      {shown && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled with the keyboard
        <section className="plan__detail" aria-label={shown.type} tabIndex={0}>
          <h3>{shown.type}</h3>
          <p className="mono small">{shown.target}</p>
          <dl className="facts">
            {shown.workers && (
              <div>
                <dt>Workers</dt>
                <dd className="num">
                  {shown.workers.launched === null
                    ? `${formatCount(shown.workers.planned)} planned`
                    : `${formatCount(shown.workers.launched)} of ${formatCount(shown.workers.planned)}`}
                </dd>
              </div>
            )}
            {details.map(([name, text]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd className="mono small">{text.slice(0, 2000)}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </div>
  )
}
