import { IconLock } from '@tabler/icons-react'
import type { Problem } from '../../../src-main/stack/contract.ts'
import type { Filled, FormNote, FormRow } from '../../../src-main/stack/formContract.ts'
import { State } from '../../ui/State.tsx'

/** Where a remark leads: a line of this file or another, or a variable. */
export interface FormLinks {
  onLine: (file: string, line: number) => void
  onVariable: (name: string) => void
}

interface Props extends FormLinks {
  row?: FormRow | undefined
  note?: FormNote | null
  problems: readonly Problem[]
  /** Why what was typed did not get into the text. */
  refusal?: string | undefined
  isShown: boolean
}

/** What stands below a value: what it becomes, why it cannot be changed here, and what is wrong with it. */
export function FormRemarks({ row, note, problems, refusal, isShown, onLine, onVariable }: Props) {
  const filled = Object.values(row?.filled ?? {})
  const notes = [note, row?.note].filter((one) => one != null)
  const own = row
    ? problems.filter(
        ({ line }) => row.line !== null && line >= row.line && line <= (row.endLine ?? row.line),
      )
    : []
  if (filled.length === 0 && notes.length === 0 && own.length === 0 && !refusal) return null
  return (
    <div className="form__remarks">
      {filled.length > 0 && <FilledIn filled={filled} isShown={isShown} onVariable={onVariable} />}
      {notes.map(({ message, file, line, isLocked }) => (
        <p key={`${file} ${line} ${message}`}>
          {isLocked && <IconLock className="icon icon--14" />}
          <span>{message}.</span>
          <button type="button" className="link" onClick={() => onLine(file, line)}>
            Line {line}
          </button>
        </p>
      ))}
      {refusal && (
        <p className="t-fail" role="alert">
          <State name="failed" />
          <span>{refusal}. The text is as it was.</span>
        </p>
      )}
      {own.map(({ line, column, message, severity }) => (
        <p
          key={`${line} ${column} ${message}`}
          className={severity === 'error' ? 't-fail' : undefined}
          role={severity === 'error' ? 'alert' : undefined}
        >
          <State name={severity === 'error' ? 'failed' : 'warning'} />
          <span>{message}</span>
        </p>
      ))}
    </div>
  )
}

const shownVariables = 3

function FilledIn({
  filled,
  isShown,
  onVariable,
}: {
  filled: readonly Filled[]
  isShown: boolean
  onVariable: (name: string) => void
}) {
  const variables = new Map(
    filled.flatMap((one) => one.variables.map(({ name, from }) => [name, from] as const)),
  )
  const texts = filled.flatMap(({ text, isSecret, problem }) =>
    problem ? [] : [isSecret && !isShown ? '••••••••' : text.replaceAll('\n', ' ')],
  )
  return (
    <p>
      {texts.length > 0 && (
        <span className="clip" title={texts.join(', ')}>
          becomes <span className="mono t2">{texts.map((text) => text || 'empty').join(', ')}</span>
        </span>
      )}
      <span className="form__from">
        {[...variables].slice(0, shownVariables).map(([name, from]) => (
          <span key={name}>
            <button type="button" className="link mono" onClick={() => onVariable(name)}>
              {name}
            </button>{' '}
            {from === 'not set' ? 'not set' : `from ${from}`}
          </span>
        ))}
        {variables.size > shownVariables && (
          <span
            title={[...variables]
              .slice(shownVariables)
              .map(([name, from]) => `${name} from ${from}`)
              .join('\n')}
          >
            and {variables.size - shownVariables} more
          </span>
        )}
      </span>
    </p>
  )
}
