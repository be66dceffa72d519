export type CodeLanguage = 'sql' | 'yaml' | 'json' | 'plaintext'

/** A finding at its place; lines and columns count from one. */
export interface CodeMarker {
  line: number
  column: number
  /** Exclusive; the end of the word at `column` where it is left out. */
  endColumn?: number
  severity: 'error' | 'warning' | 'info'
  message: string
}

export interface CodeEditorProps {
  /** For assistive technology: `001_first.sql`. */
  label: string
  text: string
  language: CodeLanguage
  isReadOnly?: boolean
  markers?: readonly CodeMarker[]
  /** Brings this line into sight and puts the cursor there. */
  line?: number | undefined
  onChange?: (text: string) => void
}

export interface CodeSide {
  title: string
  text: string
}

export interface CodeDiffProps {
  before: CodeSide
  after: CodeSide
  language: CodeLanguage
}
