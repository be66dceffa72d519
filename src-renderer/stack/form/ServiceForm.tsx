import { IconEye, IconEyeOff } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Problem } from '../../../src-main/stack/contract.ts'
import type { ServiceForm as Form, FormFieldName } from '../../../src-main/stack/formContract.ts'
import { rpc } from '../../rpc/client.ts'
import { ErrorNotice } from '../../ui/ErrorNotice.tsx'
import { Loading } from '../../ui/Loading.tsx'
import { type FormLinks, FormRemarks } from './FormRemarks.tsx'
import { FormRows } from './FormRows.tsx'
import { FormValue } from './FormValue.tsx'
import { type FormText, useFormEdits } from './useFormEdits.ts'
import './form.css'

interface Props extends FormLinks {
  file: FormText
  text: string
  problems: readonly Problem[]
}

/** The services of a compose file, one of them as fields. A change touches its own lines of the text. */
export function ServiceForm({ file, text, problems, ...links }: Props) {
  const input = { path: file.path, text, ...(file.project && { project: file.project }) }
  const [wanted, setWanted] = useState<string>()
  const services = useQuery({
    ...rpc.stackForm.listServices.queryOptions({ input }),
    placeholderData: keepPreviousData,
    gcTime: 0,
  })
  const names = services.data?.map(({ name }) => name) ?? []
  const service = names.find((name) => name === wanted) ?? names[0]
  if (services.isPending) return <Loading rows={6} />
  if (services.error) return <ErrorNotice error={services.error} onRetry={() => void services.refetch()} />
  if (service === undefined)
    return (
      <p className="form__none small t2">No service stands in this file yet: write the first in the text.</p>
    )
  return (
    <div className="form">
      <ul className="form__services" aria-label="Services of the file">
        {services.data?.map(({ name, isHere }) => (
          <li key={name}>
            <button
              type="button"
              className={`menu__item menu__item--plain${name === service ? ' is-selected' : ''}`}
              aria-current={name === service}
              onClick={() => setWanted(name)}
            >
              <span className="mono clip grow">{name}</span>
              {!isHere && <span className="t3 small">not here</span>}
            </button>
          </li>
        ))}
      </ul>
      <Fields
        key={service}
        service={service}
        file={file}
        text={text}
        problems={problems}
        names={names}
        {...links}
      />
    </div>
  )
}

const groups: { title: string; names: FormFieldName[] }[] = [
  {
    title: 'Health check',
    names: ['healthcheck.interval', 'healthcheck.timeout', 'healthcheck.retries', 'healthcheck.start_period'],
  },
  { title: 'Limits', names: ['cpus', 'memory'] },
]

function Fields({
  service,
  file,
  text,
  problems,
  names,
  ...links
}: Props & { service: string; names: readonly string[] }) {
  const form = useQuery({
    ...rpc.stackForm.describe.queryOptions({
      input: { path: file.path, text, service, ...(file.project && { project: file.project }) },
    }),
    placeholderData: keepPreviousData,
    gcTime: 0,
  })
  const edit = useFormEdits(file, service)
  const [isShown, setShown] = useState(false)
  if (form.error) return <ErrorNotice error={form.error} onRetry={() => void form.refetch()} />
  const { data } = form
  if (data?.service !== service) return <Loading rows={6} />
  const shared = { problems, isShown, refusal: edit.refusal, onEdit: edit.make, ...links }
  const value = (name: FormFieldName) => {
    const field = fieldOf(data, name)
    return field && <FormValue key={name} field={field} {...shared} />
  }
  const rows = (name: FormFieldName) => {
    const field = fieldOf(data, name)
    return field && <FormRows field={field} choices={name === 'depends_on' ? names : []} {...shared} />
  }
  return (
    <div className="form__fields scroll">
      <div className="form__top">
        <b className="mono">{service}</b>
        <button type="button" className="btn btn--sm btn--ghost" onClick={() => setShown(!isShown)}>
          {isShown ? <IconEyeOff className="icon" /> : <IconEye className="icon" />}
          {isShown ? 'Hide secrets' : 'Show secrets'}
        </button>
      </div>
      {data.notes.map((note) => (
        <FormRemarks
          key={`${note.line} ${note.message}`}
          note={note}
          problems={[]}
          isShown={isShown}
          {...links}
        />
      ))}
      <fieldset className="form__group">
        <legend>Container</legend>
        {(['image', 'command', 'restart', 'profiles'] as const).map(value)}
      </fieldset>
      {rows('ports')}
      {rows('environment')}
      {rows('volumes')}
      {rows('depends_on')}
      {groups.map(({ title, names: own }) => (
        <fieldset key={title} className="form__group">
          <legend>{title}</legend>
          {title === 'Health check' && value('healthcheck.test')}
          <div className="form__columns">{own.map(value)}</div>
        </fieldset>
      ))}
    </div>
  )
}

const fieldOf = ({ fields }: Form, name: FormFieldName) => fields.find((field) => field.name === name)
