import { FitAddon } from '@xterm/addon-fit'
import { Terminal as Xterm } from '@xterm/xterm'
import '@xterm/xterm/css/xterm.css'
import { useEffect, useEffectEvent, useRef } from 'react'
import type { TerminalProps } from './terminalProps.ts'

/** The part that needs xterm. Its colours are the page's, read when it opens. */
export function TerminalPane({ label, onReady, onInput, onResize }: TerminalProps) {
  const element = useRef<HTMLDivElement>(null)
  const ready = useEffectEvent(onReady)
  const input = useEffectEvent(onInput)
  const resize = useEffectEvent(onResize)

  useEffect(() => {
    if (!element.current) return
    const style = getComputedStyle(document.documentElement)
    const token = (name: string) => style.getPropertyValue(name).trim()
    const terminal = new Xterm({
      fontFamily: token('--font-mono') || 'monospace',
      fontSize: 12,
      cursorBlink: true,
      scrollback: 5000,
      screenReaderMode: true,
      theme: {
        background: token('--surface-panel'),
        foreground: token('--text-1'),
        cursor: token('--accent-text'),
        cursorAccent: token('--surface-panel'),
        selectionBackground: token('--surface-selected'),
      },
    })
    const fit = new FitAddon()
    terminal.loadAddon(fit)
    terminal.open(element.current)
    fit.fit()
    terminal.onData((text) => input(text))
    terminal.onResize(({ cols, rows }) => resize({ columns: cols, rows }))
    const observer = new ResizeObserver(() => fit.fit())
    observer.observe(element.current)
    ready(terminal, { columns: terminal.cols, rows: terminal.rows })
    terminal.focus()
    return () => {
      observer.disconnect()
      terminal.dispose()
    }
  }, [])

  // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
  return <div ref={element} role="group" aria-label={label} style={{ width: '100%', height: '100%' }} />
}
