import { useEffect, useRef } from 'react'

export type TypingEnd = 'down' | 'right' | 'left' | 'stay'

interface Props {
  label: string
  text: string
  onChange: (text: string) => void
  /** Enter, Tab, Shift+Tab, or the focus went elsewhere. */
  onDone: (how: TypingEnd) => void
  /** Escape. */
  onCancel: () => void
}

/** A cell of a grid while it is typed into. */
export function ResultInput({ label, text, onChange, onDone, onCancel }: Props) {
  const input = useRef<HTMLInputElement>(null)
  const hasEnded = useRef(false)
  useEffect(() => {
    const end = input.current?.value.length ?? 0
    input.current?.focus()
    input.current?.setSelectionRange(end, end)
  }, [])
  const end = (act: () => void) => {
    if (hasEnded.current) return
    hasEnded.current = true
    act()
  }
  return (
    <input
      ref={input}
      className="rgrid__input"
      aria-label={label}
      value={text}
      spellCheck={false}
      onChange={(event) => onChange(event.target.value)}
      onBlur={() => end(() => onDone('stay'))}
      onMouseDown={(event) => event.stopPropagation()}
      onDoubleClick={(event) => event.stopPropagation()}
      onPaste={(event) => event.stopPropagation()}
      onKeyDown={(event) => {
        // The keys of the grid are not those of a text.
        event.stopPropagation()
        if (event.nativeEvent.isComposing || !['Enter', 'Tab', 'Escape'].includes(event.key)) return
        event.preventDefault()
        if (event.key === 'Escape') end(onCancel)
        else end(() => onDone(event.key === 'Enter' ? 'down' : event.shiftKey ? 'left' : 'right'))
      }}
    />
  )
}
