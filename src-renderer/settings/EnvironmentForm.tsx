import { useMutation } from '@tanstack/react-query'
import { Fragment, useState } from 'react'
import type { Environment, EnvironmentInput } from '../../src-main/environments/contract.ts'
import { queryClient, rpc } from '../rpc/client.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { EnvironmentShape } from '../ui/EnvironmentShape.tsx'
import { ErrorNotice, FaultNotice } from '../ui/ErrorNotice.tsx'
import { formatDuration } from '../ui/format.ts'
import { State } from '../ui/State.tsx'
import { type Draft, draftOf, emptyDraft, isThisMachine, readUrl, toInput } from './environmentDraft.ts'

const kinds = ['local', 'staging', 'production'] as const
const tlsModes = {
  disable: 'no TLS',
  prefer: 'TLS where the server offers it',
  require: 'TLS, certificate not checked',
  'verify-ca': 'TLS, authority checked',
  'verify-full': 'TLS, authority and host checked',
} as const

/** Adds or changes an environment. Nothing is saved before Save; Test saves nothing. */
export function EnvironmentForm({
  environment,
  onClose,
}: {
  environment: Environment | undefined
  onClose: () => void
}) {
  const [draft, setDraft] = useState<Draft>(environment ? draftOf(environment) : emptyDraft)
  const change = (part: Partial<Draft>) => setDraft((now) => ({ ...now, ...part }))
  const done = () => {
    void queryClient.invalidateQueries({ queryKey: rpc.environments.key() })
    onClose()
  }
  const create = useMutation({ ...rpc.environments.create.mutationOptions(), onSuccess: done })
  const update = useMutation({ ...rpc.environments.update.mutationOptions(), onSuccess: done })
  const test = useMutation(rpc.environments.test.mutationOptions())
  const input: EnvironmentInput = toInput(draft)
  const save = () => (environment ? update.mutate({ ...input, id: environment.id }) : create.mutate(input))
  const error = create.error ?? update.error ?? test.error

  return (
    <Dialog
      title={environment ? `Edit ${environment.name}` : 'Add an environment'}
      onClose={onClose}
      width={580}
      foot={
        <>
          <button
            type="button"
            className="btn"
            disabled={test.isPending}
            onClick={() => test.mutate({ ...input, id: environment?.id })}
          >
            {test.isPending ? 'Testing…' : 'Test'}
          </button>
          <span className="grow" />
          <button type="button" className="btn btn--ghost" onClick={onClose}>
            Cancel
          </button>
          <button
            type="button"
            className="btn btn--primary"
            disabled={draft.name.trim() === ''}
            onClick={save}
          >
            Save
          </button>
        </>
      }
    >
      <div className="row">
        <Field label="Name" value={draft.name} onChange={(name) => change({ name })} />
        <label className="field">
          Kind
          <select
            className="input"
            value={draft.kind}
            onChange={(event) => change({ kind: event.target.value as Draft['kind'] })}
          >
            {kinds.map((kind) => (
              <option key={kind}>{kind}</option>
            ))}
          </select>
        </label>
        <span style={{ paddingTop: 20 }}>
          <EnvironmentShape kind={draft.kind} />
        </span>
      </div>
      <AddressField onRead={change} />
      <div className="row">
        <Field label="Host" value={draft.host} onChange={(host) => change({ host })} />
        <Field label="Port" value={draft.port} onChange={(port) => change({ port })} width={80} />
        <Field label="Database" value={draft.database} onChange={(database) => change({ database })} />
      </div>
      <div className="row">
        <Field label="User" value={draft.user} onChange={(user) => change({ user })} />
        <Field
          label="Password"
          type="password"
          placeholder={environment?.hasPassword ? 'kept; type to replace' : ''}
          value={draft.password ?? ''}
          onChange={(password) => change({ password })}
        />
      </div>
      <div className="row">
        <label className="field grow">
          TLS
          <select
            className="input"
            value={draft.tls}
            onChange={(event) => change({ tls: event.target.value as Draft['tls'] })}
          >
            {Object.entries(tlsModes).map(([mode, words]) => (
              <option key={mode} value={mode}>
                {mode}: {words}
              </option>
            ))}
          </select>
        </label>
        <Field
          label="CA file (optional)"
          placeholder="/path/to/ca.pem"
          value={draft.caFile}
          onChange={(caFile) => change({ caFile })}
        />
      </div>
      <div className="row">
        <Field
          label="Redis (optional)"
          placeholder="redis://host:6379/0"
          value={draft.redisUrl}
          onChange={(redisUrl) => change({ redisUrl })}
        />
        <Field
          label="Redis password"
          type="password"
          placeholder={environment?.hasRedisPassword ? 'kept; type to replace' : ''}
          value={draft.redisPassword ?? ''}
          onChange={(redisPassword) => change({ redisPassword })}
        />
      </div>
      {(draft.tls === 'disable' || draft.tls === 'prefer') && !isThisMachine(draft.host) && (
        <p className="notice notice--warning">
          <State name="warning" />
          <span>
            Password and data would travel to <span className="mono">{draft.host}</span> unencrypted
            {draft.tls === 'prefer' && ', were TLS refused'}. Choose <b>verify-full</b> where the server
            offers TLS.
          </span>
        </p>
      )}
      {error && <ErrorNotice error={error} />}
      {test.data && (
        <div className="column" style={{ gap: 6 }}>
          {(['postgres', 'redis'] as const).map((service) => {
            const trial = test.data[service]
            const name = service === 'postgres' ? 'PostgreSQL' : 'Redis'
            if (trial.status === 'failing') {
              return (
                <FaultNotice
                  key={service}
                  fault={{ ...trial.fault, code: trial.code ?? '', message: `${name}: ${trial.message}` }}
                />
              )
            }
            return (
              <Fragment key={service}>
                <p className="row small">
                  <State name={trial.status === 'ready' ? 'succeeded' : 'skipped'} />
                  {trial.status === 'ready'
                    ? `${name} ${trial.version} in ${formatDuration(trial.latencyMs ?? 0)}`
                    : `${name}: none given`}
                </p>
                {trial.warnings?.map((warning) => (
                  <p key={warning} className="row small">
                    <State name="warning" />
                    {warning}
                  </p>
                ))}
              </Fragment>
            )
          })}
        </div>
      )}
    </Dialog>
  )
}

/** An address that is typed or pasted fills in the fields; it goes when it is left, for it may hold a password. */
function AddressField({ onRead }: { onRead: (part: Partial<Draft>) => void }) {
  const [text, setText] = useState('')
  return (
    <Field
      label="Address (fills in the fields below)"
      placeholder="postgres://user:password@host:5432/database?sslmode=verify-full"
      value={text}
      onChange={(typed) => {
        setText(typed)
        onRead(readUrl(typed))
      }}
      onLeave={() => setText('')}
    />
  )
}

interface FieldProps {
  label: string
  value: string
  onChange: (value: string) => void
  onLeave?: () => void
  placeholder?: string
  type?: 'text' | 'password'
  width?: number
}

function Field({ label, value, onChange, onLeave, placeholder, type = 'text', width }: FieldProps) {
  return (
    <label className={width === undefined ? 'field grow' : 'field'} style={{ width }}>
      {label}
      <input
        className="input"
        type={type}
        autoComplete="off"
        spellCheck={false}
        placeholder={placeholder}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onBlur={onLeave}
      />
    </label>
  )
}
