import { memo } from 'react'
import type { LogLine } from '../../src-main/logs/contract.ts'
import { formatExact } from '../ui/format.ts'
import { readJsonLine, type Segment, segmentsOf } from './logText.ts'
import { colourOf } from './states.ts'

interface Props {
  line: LogLine | undefined
  offset: number
  hasTimes: boolean
  hasNumber: boolean
  services: readonly string[]
  pattern: RegExp | undefined
  isCurrent: boolean
  onOpen: (line: LogLine) => void
}

/** One line: time, service in its colour, level, and the text with its own colours, links and matches. */
export const LogRow = memo(function LogRow({
  line,
  offset,
  hasTimes,
  hasNumber,
  services,
  pattern,
  isCurrent,
  onOpen,
}: Props) {
  const style = offset === 0 ? undefined : { marginTop: offset }
  if (!line) return <div className="log__line" style={style} />
  const json = readJsonLine(line.text)
  const mark = line.isMatch ? pattern : undefined
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the list is read with the keyboard by its search
    // biome-ignore lint/a11y/useKeyWithClickEvents: Enter in the search goes from match to match
    <div
      className={`log__line${line.level === 'warn' || line.level === 'error' ? ` log__line--${line.level}` : ''}${isCurrent ? ' is-current' : ''}`}
      style={style}
      onClick={() => {
        if (window.getSelection()?.isCollapsed !== false) onOpen(line)
      }}
    >
      {hasNumber && <span className="log__number num">{line.line + 1}</span>}
      {hasTimes && (
        <span className="log__time" title={line.at > 0 ? formatExact(new Date(line.at)) : undefined}>
          {clockOf(line.at)}
        </span>
      )}
      <span className="log__svc" style={{ '--svc': colourOf(line.service, services) } as React.CSSProperties}>
        {line.service}
      </span>
      <span className="log__level">{line.level === 'none' ? '' : line.level}</span>
      <span className="log__text">
        {json ? (
          <>
            <Pieces text={json.message} mark={mark} />
            {json.fields.map(([name, value]) => (
              <span key={name}>
                {' '}
                <span className="log__key">{name}=</span>
                <Pieces text={value} mark={mark} />
              </span>
            ))}
          </>
        ) : (
          <Pieces text={line.text} mark={mark} />
        )}
      </span>
    </div>
  )
})

function Pieces({ text, mark }: { text: string; mark: RegExp | undefined }) {
  return segmentsOf(text, mark).map((piece) => <Piece key={piece.from} {...piece} />)
}

function Piece({ text, className, isMark, href }: Segment) {
  const content = isMark ? <mark>{text}</mark> : text
  if (!href) return <span className={className || undefined}>{content}</span>
  return (
    <a href={href} target="_blank" rel="noreferrer noopener" onClick={(event) => event.stopPropagation()}>
      {content}
    </a>
  )
}

const two = (part: number) => String(part).padStart(2, '0')

/** `09:12:09.418` in the local zone. */
function clockOf(at: number): string {
  if (at === 0) return ''
  const time = new Date(at)
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, '0')}`
}
