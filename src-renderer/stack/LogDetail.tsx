import { IconX } from '@tabler/icons-react'
import type { LogLine } from '../../src-main/logs/contract.ts'
import { CopyButton } from '../ui/CopyButton.tsx'
import { formatCount, formatExact } from '../ui/format.ts'
import { withoutEscapes } from './logText.ts'

interface Props {
  line: LogLine
  onClose: () => void
  onContext: () => void
}

/** A line in full; JSON is laid out. */
export function LogDetail({ line, onClose, onContext }: Props) {
  const plain = withoutEscapes(line.text)
  const text = laidOut(plain)
  return (
    <div className="log__detail">
      <div className="toolbar">
        <b className="small">
          {line.service}, line {formatCount(line.line + 1)}
        </b>
        <span className="small t2 num">
          {line.at > 0 ? formatExact(new Date(line.at)) : 'without a time'}
        </span>
        <span className="toolbar__fill" />
        <button type="button" className="btn btn--sm btn--ghost" onClick={onContext}>
          Show among its neighbours
        </button>
        <CopyButton text={plain} />
        <button type="button" className="icon-btn icon-btn--sm" title="Close" onClick={onClose}>
          <IconX className="icon" />
        </button>
      </div>
      <pre>{text}</pre>
    </div>
  )
}

function laidOut(text: string): string {
  if (!/^[[{]/.test(text)) return text
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
