import { useState } from 'react'
import type { Problem } from '../../src-main/stack/contract.ts'
import type { StackFile } from '../../src-main/stack/filesContract.ts'
import { CodeEditor } from '../ui/CodeEditor.tsx'
import type { CodeMarker } from '../ui/code.ts'
import { State } from '../ui/State.tsx'
import { Tabs } from '../ui/Tabs.tsx'
import { EnvForm } from './EnvForm.tsx'
import { VersionsPane } from './VersionsPane.tsx'

interface Props {
  path: string
  kind: StackFile['kind']
  project: string | undefined
  text: string
  savedText: string
  problems: readonly Problem[]
  onChange: (text: string) => void
}

type Mode = 'form' | 'text' | 'versions'

/** One file: as a form where it holds variables, as text, and beside an earlier version of it. */
export function EditPane({ path, kind, project, text, savedText, problems, onChange }: Props) {
  const isVariables = kind === 'variables'
  const [mode, setMode] = useState<Mode>(isVariables ? 'form' : 'text')
  const [line, setLine] = useState<number>()
  const tabs: { name: Mode; label: string; count?: number }[] = [
    ...(isVariables ? [{ name: 'form' as const, label: 'Form' }] : []),
    { name: 'text', label: 'Text' },
    { name: 'versions', label: 'Earlier versions' },
  ]
  const markers = problems.map(
    (problem): CodeMarker => ({
      line: problem.line,
      column: problem.column,
      ...(problem.endLine === problem.line && { endColumn: problem.endColumn }),
      severity: problem.severity === 'error' ? 'error' : 'info',
      message: problem.message,
    }),
  )
  return (
    <div className="stack__editpane">
      <Tabs label="How the file is shown" tabs={tabs} active={mode} onChange={setMode} />
      {problems.length > 0 && (
        <ul className="stack__problems" aria-label="Problems">
          {problems.slice(0, 8).map((problem) => (
            <li key={`${problem.line} ${problem.column} ${problem.message}`}>
              <button
                type="button"
                className="link"
                onClick={() => {
                  setMode('text')
                  setLine(problem.line)
                }}
              >
                <State name={problem.severity === 'error' ? 'failed' : 'warning'} />
                <span className="num t3">line {problem.line}</span>
                <span className="clip">{problem.message}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <div className="stack__editbody">
        {mode === 'form' && <EnvForm text={text} onChange={onChange} />}
        {mode === 'text' && (
          <CodeEditor
            label={path}
            text={text}
            language={isVariables ? 'plaintext' : 'yaml'}
            markers={markers}
            line={line}
            onChange={onChange}
          />
        )}
        {mode === 'versions' && (
          <VersionsPane
            path={path}
            project={project}
            text={text}
            savedText={savedText}
            isVariables={isVariables}
            onTake={(earlier) => {
              onChange(earlier)
              setMode('text')
            }}
          />
        )}
      </div>
    </div>
  )
}
