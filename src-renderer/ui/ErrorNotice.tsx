import { IconCopy, IconRefresh } from '@tabler/icons-react'
import { type ShownFault, toFault } from './fault.ts'
import { State } from './State.tsx'

interface Props {
  /** Of a call, or what a job or a run kept of one. */
  error: unknown
  onRetry?: () => void
}

/** What failed, on which object, the code, what was saved, and what to do next. */
export function ErrorNotice({ error, onRetry }: Props) {
  return <FaultNotice fault={toFault(error)} onRetry={onRetry} />
}

/** The same for an error that came as data. */
export function FaultNotice({ fault, onRetry }: { fault: ShownFault; onRetry?: (() => void) | undefined }) {
  const facts = [
    ['On', fault.object],
    ['Code', [fault.code, fault.sqlState].filter(Boolean).join(' · ')],
    ['Detail', fault.detail],
    ['Hint', fault.hint],
    ['Saved', fault.saved],
    ['Next', fault.next],
    ['Log', fault.reference],
  ].filter((fact): fact is [string, string] => Boolean(fact[1]))
  const copy = () =>
    navigator.clipboard.writeText(
      [fault.message, ...facts.map(([name, value]) => `${name}: ${value}`)].join('\n'),
    )
  return (
    <div className="fault" role="alert">
      <p className="fault__title">
        <State name="failed" />
        <b>{fault.message}</b>
      </p>
      <dl className="facts fault__facts">
        {facts.map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd className={name === 'On' || name === 'Code' ? 'mono' : undefined}>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="fault__acts">
        {onRetry && (
          <button type="button" className="btn" onClick={onRetry}>
            <IconRefresh className="icon" />
            Try again
          </button>
        )}
        <button type="button" className="btn btn--ghost" onClick={copy}>
          <IconCopy className="icon" />
          Copy
        </button>
      </p>
    </div>
  )
}
