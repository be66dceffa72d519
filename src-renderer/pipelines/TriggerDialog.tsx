import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Pipeline } from '../../src-main/pipelines/contract.ts'
import { rpc } from '../rpc/client.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'

interface Props {
  pipelines: Pipeline[]
  initial: string
  onClose: () => void
  onStarted: (runId: string) => void
}

/** Starts a pipeline with parameters of its declared types. */
export function TriggerDialog({ pipelines, initial, onClose, onStarted }: Props) {
  const [name, setName] = useState(initial)
  const [values, setValues] = useState<Record<string, string>>({})
  const pipeline = pipelines.find((one) => one.name === name)
  const definition = useQuery({
    ...rpc.pipelines.describe.queryOptions({ input: { name } }),
    enabled: name !== '',
  })
  const run = useMutation({
    ...rpc.pipelines.run.mutationOptions(),
    onSuccess: ({ runId }) => onStarted(runId),
  })
  return (
    <Dialog
      title="Trigger a pipeline"
      onClose={onClose}
      width={620}
      foot={
        <>
          <span className="grow mono t3 small clip">atlas-desktop pipeline run {name} --wait</span>
          <button type="button" className="btn btn--ghost" onClick={onClose}>
            Cancel
          </button>
          <button
            type="button"
            className="btn btn--primary"
            disabled={!pipeline || run.isPending}
            onClick={() => run.mutate({ name, parameters: values })}
          >
            Run {name}
          </button>
        </>
      }
    >
      <label className="field">
        Pipeline
        <select
          className="input"
          aria-label="Pipeline"
          value={name}
          onChange={(event) => {
            setName(event.target.value)
            setValues({})
          }}
        >
          {pipelines.map((one) => (
            <option key={one.name}>{one.name}</option>
          ))}
        </select>
      </label>
      <p className="t2 small">{pipeline?.description}</p>
      {pipeline?.parameters.map((parameter) => (
        <label key={parameter.name} className="field">
          <span>
            <span className="mono">{parameter.name}</span> <span className="t3">{parameter.type}</span>
          </span>
          <input
            className="input mono"
            value={values[parameter.name] ?? String(parameter.default ?? '')}
            onChange={(event) => setValues((now) => ({ ...now, [parameter.name]: event.target.value }))}
          />
          <span className="t3">{parameter.description}</span>
        </label>
      ))}
      {run.error && <ErrorNotice error={run.error} />}
      {definition.data && (
        <details className="confirm__sql">
          <summary>Definition, {definition.data.fileName}</summary>
          <pre className="code code--sm" style={{ maxHeight: 260 }}>
            {definition.data.text}
          </pre>
        </details>
      )}
    </Dialog>
  )
}
