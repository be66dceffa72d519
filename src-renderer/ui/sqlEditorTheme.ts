import * as monaco from 'monaco-editor/editor'

/** The product's tokens as a theme, read from the page so that there is one list of colours. */
export function defineTheme(): void {
  const isDark = document.documentElement.dataset.scheme === 'dark'
  const style = getComputedStyle(document.documentElement)
  // Monaco wants six digits; the build shortens what it can.
  const color = (token: string) =>
    style
      .getPropertyValue(token)
      .trim()
      .replace(/^#(.)(.)(.)$/, '#$1$1$2$2$3$3')
  const bare = (token: string) => color(token).replace('#', '')
  monaco.editor.defineTheme('atlas', {
    base: isDark ? 'vs-dark' : 'vs',
    inherit: true,
    rules: [
      { token: 'keyword', foreground: bare('--syntax-keyword') },
      { token: 'string', foreground: bare('--syntax-string') },
      { token: 'string.sql', foreground: bare('--syntax-string') },
      { token: 'type', foreground: bare('--syntax-keyword') },
      { token: 'number', foreground: bare('--syntax-number') },
      { token: 'comment', foreground: bare('--syntax-comment') },
      { token: 'predefined', foreground: bare('--syntax-function') },
      { token: 'predefined.sql', foreground: bare('--syntax-function') },
      { token: 'operator', foreground: bare('--syntax-operator') },
      { token: 'operator.sql', foreground: bare('--syntax-operator') },
    ],
    colors: {
      'editor.background': color('--surface-panel'),
      'editor.foreground': color('--text-1'),
      'editorLineNumber.foreground': color('--text-3'),
      'editorLineNumber.activeForeground': color('--text-1'),
      'editorCursor.foreground': color('--accent-text'),
      'editor.lineHighlightBackground': color('--surface-inset'),
      'editor.lineHighlightBorder': color('--surface-inset'),
      'editor.selectionBackground': color('--surface-selected'),
      'diffEditor.insertedLineBackground': color('--ok-tint'),
      'diffEditor.removedLineBackground': color('--failed-tint'),
      'diffEditor.insertedTextBackground': `${color('--ok')}14`,
      'diffEditor.removedTextBackground': `${color('--failed')}14`,
      'editorWidget.background': color('--surface-overlay'),
      'editorWidget.border': color('--border'),
      'editorSuggestWidget.selectedBackground': color('--surface-selected'),
      'editorSuggestWidget.selectedForeground': color('--text-1'),
      'editorSuggestWidget.highlightForeground': color('--accent-text'),
      'editorSuggestWidget.focusHighlightForeground': color('--accent-text'),
    },
  })
  monaco.editor.setTheme('atlas')
}
