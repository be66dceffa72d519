import * as monaco from 'monaco-editor/editor'
import { sqlLanguage } from './sqlLanguage.ts'

interface Document {
  model: monaco.editor.ITextModel
  view: monaco.editor.ICodeEditorViewState | null
}

// A tab's text stays while another is shown, with its undo history, its selection and its place.
const documents = new Map<string, Document>()

/** The document of a name; made of the text where there is none yet. */
export function openDocument(name: string, text: string): Document {
  const open = documents.get(name)
  if (open) return open
  const model = monaco.editor.createModel(text, sqlLanguage)
  model.setEOL(monaco.editor.EndOfLineSequence.LF)
  const made: Document = { model, view: null }
  documents.set(name, made)
  return made
}

/** Frees the document of a tab that is gone. */
export function closeDocument(name: string): void {
  documents.get(name)?.model.dispose()
  documents.delete(name)
}

/** Keeps where somebody is in a document that is about to be left. */
export function keepViewState(name: string, view: monaco.editor.ICodeEditorViewState | null): void {
  const open = documents.get(name)
  if (open && view) open.view = view
}
