import type { Finding } from '../../src-main/migrations/report.contract.ts'
import { SqlBlock } from '../ui/SqlBlock.tsx'
import { State } from '../ui/State.tsx'

interface Props {
  findings: readonly Finding[]
  /** Shows the line in the editor. */
  onLine?: ((line: number) => void) | undefined
}

const names = { error: 'failed', warning: 'warning', info: 'queued' } as const

/** What the lint found: why it matters and how it is done safely. */
export function Findings({ findings, onLine }: Props) {
  return findings.map((finding, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the same rule may stand twice on a line
    <div key={`${finding.line} ${finding.rule} ${index}`} className="lint">
      <p className="lint__head">
        <State name={names[finding.severity]} label={finding.severity} />
        <b>
          {onLine ? (
            <button type="button" className="link" onClick={() => onLine(finding.line)}>
              {finding.line}
            </button>
          ) : (
            finding.line
          )}
          : {finding.title}
        </b>
      </p>
      <p>
        {finding.why} {finding.advice} <span className="mono t3">{finding.rule}</span>
      </p>
      {finding.rewrite && (
        <details className="confirm__sql">
          <summary className="link link--accent">Show the change</summary>
          <SqlBlock text={finding.rewrite} label="Safe change" />
        </details>
      )}
    </div>
  ))
}
