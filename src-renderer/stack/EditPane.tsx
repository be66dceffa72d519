import { useState } from 'react'
import type { Problem } from '../../src-main/stack/contract.ts'
import type { StackFile } from '../../src-main/stack/filesContract.ts'
import { CodeDiff } from '../ui/CodeDiff.tsx'
import { CodeEditor } from '../ui/CodeEditor.tsx'
import type { CodeMarker } from '../ui/code.ts'
import { State } from '../ui/State.tsx'
import { Tabs } from '../ui/Tabs.tsx'
import { EnvForm } from './EnvForm.tsx'
import { ServiceForm } from './form/ServiceForm.tsx'
import type { FormText } from './form/useFormEdits.ts'
import { VersionsPane } from './VersionsPane.tsx'

interface Props {
  file: FormText & { kind: StackFile['kind'] }
  text: string
  savedText: string
  problems: readonly Problem[]
  /** The line that the address asks for. */
  line: number | undefined
  /** Leads to a line of another file, or to a variable. */
  onLine: (file: string, line: number) => void
  onVariable: (name: string) => void
}

type Mode = 'form' | 'text' | 'changes' | 'versions'

/** One file: as a form, as text, what is not saved of it, and beside an earlier version of it. */
export function EditPane({ file, text, savedText, problems, line: asked, onLine, onVariable }: Props) {
  const { path, kind, project, onChange } = file
  const isVariables = kind === 'variables'
  const [mode, setMode] = useState<Mode>(isVariables && asked === undefined ? 'form' : 'text')
  const [line, setLine] = useState(asked)
  const isChanged = text !== savedText
  const tabs: { name: Mode; label: string; count?: number }[] = [
    { name: 'form', label: 'Form' },
    { name: 'text', label: 'Text' },
    ...(isChanged || mode === 'changes' ? [{ name: 'changes' as const, label: 'Not saved yet' }] : []),
    { name: 'versions', label: 'Earlier versions' },
  ]
  const goTo = (where: string, to: number) => {
    if (where !== path) return onLine(where, to)
    setMode('text')
    setLine(to)
  }
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
              <button type="button" className="link" onClick={() => goTo(path, problem.line)}>
                <State name={problem.severity === 'error' ? 'failed' : 'warning'} />
                <span className="num t3">line {problem.line}</span>
                <span className="clip">{problem.message}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <div className="stack__editbody">
        {mode === 'form' &&
          (isVariables ? (
            <EnvForm file={file} text={text} onLine={goTo} />
          ) : (
            <ServiceForm file={file} text={text} problems={problems} onLine={goTo} onVariable={onVariable} />
          ))}
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
        {mode === 'changes' && (
          <CodeDiff
            before={{ title: 'On the disk now', text: savedText }}
            after={{ title: 'In the editor', text }}
            language={isVariables ? 'plaintext' : 'yaml'}
          />
        )}
        {mode === 'versions' && (
          <VersionsPane
            path={path}
            project={project}
            text={text}
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
