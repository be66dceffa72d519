import { useQuery } from '@tanstack/react-query'
import type { ComparedObject, Comparison } from '../../../src-main/schema/diff/contract.ts'
import { rpc } from '../../rpc/client.ts'
import { CodeDiff } from '../../ui/CodeDiff.tsx'
import { QueryPanel } from '../../ui/QueryPanel.tsx'
import { SqlBlock } from '../../ui/SqlBlock.tsx'

/** One object of a comparison: what differs in words, and how it is made on either side. */
export function ComparedDetail({ object, comparison }: { object: ComparedObject; comparison: Comparison }) {
  const { key, kind, name, change, details } = object
  const { here, there, comparedAt } = comparison
  const definition = useQuery({
    ...rpc.schema.comparedDefinition.queryOptions({ input: { key } }),
    // Of another comparison the same key is another text.
    queryKey: [...rpc.schema.comparedDefinition.queryKey({ input: { key } }), comparedAt.getTime()],
  })
  return (
    <section className="column" aria-label={name}>
      <header className="column detail__head">
        <h2 className="drawer__title mono clip" title={name}>
          {name}
        </h2>
        <p className="drawer__sub">
          {kind}
          <i className="sep" />
          {change === 'only here'
            ? `only in ${here.name}`
            : change === 'only there'
              ? `only in ${there.name}`
              : change === 'reordered'
                ? 'the same in another order'
                : change}
        </p>
        {change === 'reordered' && (
          <p className="small t2">
            Both have the same columns in another order. No statement changes that: only what reads or writes
            by place notices, as <span className="mono">select *</span>, <span className="mono">copy</span>{' '}
            and <span className="mono">insert</span> without names.
          </p>
        )}
        {details.length > 0 && (
          <p className="cmp__details">
            {details.map((detail) => (
              <span key={detail} className="chip mono clip" title={detail}>
                {detail}
              </span>
            ))}
          </p>
        )}
      </header>
      <QueryPanel query={definition} rows={8}>
        {(texts) =>
          texts.here === null || texts.there === null ? (
            <div className="scroll detail__body">
              <SqlBlock text={texts.here ?? texts.there ?? ''} label="Definition" />
            </div>
          ) : (
            <CodeDiff
              language="sql"
              before={{ title: titleOf(here), text: texts.here }}
              after={{ title: titleOf(there), text: texts.there }}
            />
          )
        }
      </QueryPanel>
    </section>
  )
}

const titleOf = ({ name, version }: Comparison['here']) => `${name}, PostgreSQL ${version.split(' ')[0]}`
