import * as monaco from 'monaco-editor/editor'
import 'monaco-editor/features/register.all'
import EditorWorker from 'monaco-editor/editor/editor.worker?worker'
import { conf, language } from 'monaco-editor/languages/definitions/yaml/yaml'
import type { CodeLanguage } from './code.ts'
import { defineTheme } from './sqlEditorTheme.ts'
import { sqlLanguage } from './sqlLanguage.ts'

self.MonacoEnvironment ??= { getWorker: () => new EditorWorker() }

monaco.languages.register({ id: 'yaml' })
monaco.languages.setLanguageConfiguration('yaml', conf)
monaco.languages.setMonarchTokensProvider('yaml', language)

/** JSON is YAML: one grammar colours both. */
export const languageIds: Record<CodeLanguage, string> = {
  sql: sqlLanguage,
  yaml: 'yaml',
  json: 'yaml',
  plaintext: 'plaintext',
}

/** What every editor of the product has in common. */
export const codeOptions = {
  automaticLayout: true,
  minimap: { enabled: false },
  fontFamily: "'JetBrains Mono Variable', monospace",
  fontSize: 12.5,
  lineHeight: 20,
  scrollBeyondLastLine: false,
  padding: { top: 8, bottom: 8 },
  folding: false,
  lineNumbersMinChars: 3,
  lineDecorationsWidth: 10,
  occurrencesHighlight: 'off',
  wordBasedSuggestions: 'currentDocument',
  bracketPairColorization: { enabled: false },
  guides: { indentation: false },
  overviewRulerBorder: false,
  hideCursorInOverviewRuler: true,
  fixedOverflowWidgets: true,
  unicodeHighlight: { ambiguousCharacters: false },
} satisfies monaco.editor.IStandaloneEditorConstructionOptions

/** Keeps Monaco's theme in step with the page's; returns how to stop. */
export function followTheme(): () => void {
  defineTheme()
  const observer = new MutationObserver(defineTheme)
  observer.observe(document.documentElement, {
    attributes: true,
    attributeFilter: ['data-scheme', 'data-contrast'],
  })
  return () => observer.disconnect()
}
