import { Fragment } from 'react'
import { CopyButton } from './CopyButton.tsx'

const token =
  /(--[^\n]*)|('(?:[^']|'')*')|(\b\d[\d_.]*\b)|\b(select|from|where|and|or|not|null|is|in|as|on|join|left|group|by|order|limit|insert|into|values|update|set|delete|create|table|index|unique|partition|of|for|to|default|primary|key|references|foreign|constraint|check|exclude|using|alter|add|column|drop|detach|attach|begin|commit|function|returns|language|trigger|before|after|each|row|execute|view|with|grant|revoke|comment|schema|policy|enable|security)\b/gi

interface Props {
  text: string
  label?: string
  /** False where a button to copy stands beside it. */
  canCopy?: boolean
}

/** Read-only SQL with a button to copy it. Long text is cut for the screen, never for the clipboard. */
export function SqlBlock({ text, label = 'SQL', canCopy = true }: Props) {
  const shown = text.length > 60_000 ? `${text.slice(0, 60_000)}\n…` : text
  return (
    <div style={{ position: 'relative' }}>
      {canCopy && (
        <span style={{ position: 'absolute', top: 6, right: 6 }}>
          <CopyButton text={text} />
        </span>
      )}
      <section aria-label={label}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text is scrolled with the keyboard */}
        <pre className="code code--sm" tabIndex={0}>
          <code>{highlight(shown)}</code>
        </pre>
      </section>
    </div>
  )
}

function highlight(text: string) {
  const pieces = []
  let last = 0
  for (const match of text.matchAll(token)) {
    const kind = match[1] ? 'c' : match[2] ? 's' : match[3] ? 'n' : 'k'
    if (match.index > last) pieces.push(<Fragment key={last}>{text.slice(last, match.index)}</Fragment>)
    pieces.push(
      <i key={match.index} className={kind}>
        {match[0]}
      </i>,
    )
    last = match.index + match[0].length
  }
  pieces.push(text.slice(last))
  return pieces
}
