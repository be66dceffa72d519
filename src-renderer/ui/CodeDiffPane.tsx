import * as monaco from 'monaco-editor/editor'
import { useEffect, useRef } from 'react'
import type { CodeDiffProps } from './code.ts'
import { codeOptions, followTheme, languageIds } from './monacoSetup.ts'

/** Monaco's diff editor, read-only. */
export function CodeDiffPane({ before, after, language }: CodeDiffProps) {
  const element = useRef<HTMLDivElement>(null)
  const editor = useRef<monaco.editor.IStandaloneDiffEditor>(null)

  useEffect(() => {
    if (!element.current) return
    const stopFollowing = followTheme()
    const made = monaco.editor.createDiffEditor(element.current, {
      ...codeOptions,
      readOnly: true,
      originalEditable: false,
      renderSideBySide: true,
      useInlineViewWhenSpaceIsLimited: false,
      renderOverviewRuler: false,
      hideUnchangedRegions: { enabled: true, contextLineCount: 3 },
    })
    editor.current = made
    return () => {
      stopFollowing()
      const models = made.getModel()
      made.dispose()
      models?.original.dispose()
      models?.modified.dispose()
    }
  }, [])

  useEffect(() => {
    const made = editor.current
    if (!made) return
    const old = made.getModel()
    made.setModel({
      original: monaco.editor.createModel(before.text, languageIds[language]),
      modified: monaco.editor.createModel(after.text, languageIds[language]),
    })
    made.getOriginalEditor().updateOptions({ ariaLabel: before.title })
    made.getModifiedEditor().updateOptions({ ariaLabel: after.title })
    old?.original.dispose()
    old?.modified.dispose()
  }, [before.text, before.title, after.text, after.title, language])

  return <div ref={element} style={{ height: '100%' }} data-testid="code-diff" />
}
