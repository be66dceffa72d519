export interface TerminalSize {
  columns: number
  rows: number
}

export interface TerminalHandle {
  write(text: string): void
}

export interface TerminalProps {
  label: string
  /** Called once it can be written to. */
  onReady: (terminal: TerminalHandle, size: TerminalSize) => void
  onInput: (text: string) => void
  onResize: (size: TerminalSize) => void
}
