import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { SessionSettings, SessionState } from '../../src-main/console/sessionContract.ts'
import { rpc } from '../rpc/client.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'

const levels = ['read committed', 'repeatable read', 'serializable'] as const
const timeouts = [
  ['statementTimeoutMs', 'A statement may take, ms'],
  ['lockTimeoutMs', 'It may wait for a lock, ms'],
  ['idleInTransactionTimeoutMs', 'A transaction may idle, ms'],
] as const

/** How a tab's session is set up; what is left empty is as the server has it. */
export function SessionDialog({
  id,
  session,
  onClose,
}: {
  id: string
  session: SessionState
  onClose: () => void
}) {
  const [draft, setDraft] = useState<SessionSettings>(session.settings)
  const change = (part: Partial<SessionSettings>) => setDraft((now) => ({ ...now, ...part }))
  const configure = useMutation({ ...rpc.console.configure.mutationOptions(), onSuccess: onClose })
  return (
    <Dialog
      title="Session of this tab"
      onClose={onClose}
      foot={
        <>
          <span className="grow small t3">
            {session.transaction === 'idle' ? '' : 'Applies when the open transaction has ended.'}
          </span>
          <button type="button" className="btn btn--ghost" onClick={onClose}>
            Cancel
          </button>
          <button
            type="button"
            className="btn btn--primary"
            disabled={configure.isPending}
            onClick={() => configure.mutate({ sessionId: id, settings: draft })}
          >
            Apply
          </button>
        </>
      }
    >
      <label className="field">
        <span>Commit</span>
        <select
          className="input"
          aria-label="Commit"
          value={draft.isAutocommit ? 'auto' : 'manual'}
          onChange={(event) => change({ isAutocommit: event.target.value === 'auto' })}
        >
          <option value="auto">after every statement</option>
          <option value="manual">by hand: the first statement opens a transaction</option>
        </select>
      </label>
      <label className="field">
        <span>Isolation</span>
        <select
          className="input"
          value={draft.isolation ?? ''}
          onChange={(event) =>
            change({ isolation: levels.find((level) => level === event.target.value) ?? null })
          }
        >
          <option value="">as the server has it</option>
          {levels.map((level) => (
            <option key={level}>{level}</option>
          ))}
        </select>
      </label>
      <TextField
        label="Role"
        placeholder="as connected"
        value={draft.role}
        onChange={(role) => change({ role })}
      />
      <TextField
        label="Search path"
        placeholder="explore, public"
        value={draft.searchPath}
        onChange={(searchPath) => change({ searchPath })}
      />
      {timeouts.map(([name, label]) => (
        <TextField
          key={name}
          label={label}
          placeholder="as the server has it; 0 is for ever"
          value={draft[name] === null ? null : String(draft[name])}
          onChange={(value) =>
            change({ [name]: value === null || !/^\d+$/.test(value) ? null : Number(value) })
          }
        />
      ))}
      {configure.error && <ErrorNotice error={configure.error} />}
    </Dialog>
  )
}

interface TextFieldProps {
  label: string
  placeholder: string
  value: string | null
  onChange: (value: string | null) => void
}

function TextField({ label, placeholder, value, onChange }: TextFieldProps) {
  return (
    <label className="field">
      <span>{label}</span>
      <input
        type="text"
        className="input mono"
        placeholder={placeholder}
        value={value ?? ''}
        onChange={(event) => onChange(event.target.value === '' ? null : event.target.value)}
      />
    </label>
  )
}
