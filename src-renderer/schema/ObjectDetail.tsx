import { useQuery } from '@tanstack/react-query'
import { rpc } from '../rpc/client.ts'
import { Layer } from '../ui/Layer.tsx'
import { Definition } from './Definition.tsx'

interface Props {
  kind: string
  schema: string | null
  name: string
  signature: string
}

/** A function, a type, a sequence, a role or another object that is no table: what it is and how it was made. */
export function ObjectDetail({ kind, schema, name, signature }: Props) {
  const tree = useQuery(rpc.schema.tree.queryOptions())
  const object = tree.data?.objects.find(
    (one) => one.kind === kind && one.schema === schema && one.name === name && one.signature === signature,
  )
  return (
    <section className="column" aria-label={name}>
      <header className="column detail__head">
        <h2 className="drawer__title">
          {schema === null ? <span className="mono">{name}</span> : <Layer schema={schema} name={name} />}
        </h2>
        <p className="drawer__sub">
          {kind}
          {signature && (
            <>
              <i className="sep" />
              <span className="mono">({signature})</span>
            </>
          )}
          {object?.detail && (
            <>
              <i className="sep" />
              {object.detail}
            </>
          )}
        </p>
        {object?.comment && <p className="small t2">{object.comment}</p>}
      </header>
      <Definition {...{ kind, schema, name, signature }} />
    </section>
  )
}
