import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { SearchHit } from '../../src-main/schema/contract.ts'
import { rpc } from '../rpc/client.ts'
import { formatCount } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { ObjectIcon } from './ObjectIcon.tsx'
import type { OpenPlace, Place } from './place.ts'
import { placeOfHit } from './placeOfHit.ts'

const kindFilters = {
  Tables: ['table', 'partitioned table', 'foreign table', 'partition'],
  Views: ['view', 'materialized view'],
  Columns: ['column'],
  Functions: ['function', 'procedure', 'aggregate', 'window function'],
  Indexes: ['index'],
  Rules: [
    'primary key',
    'unique',
    'foreign key',
    'check',
    'exclusion',
    'trigger',
    'constraint trigger',
    'policy',
  ],
  Types: ['enum', 'domain', 'composite type', 'range type', 'sequence'],
} satisfies Record<string, SearchHit['kind'][]>

const isFilter = (text: string | undefined): text is keyof typeof kindFilters =>
  text !== undefined && text in kindFilters

interface Props {
  text: string
  place: Place
  open: OpenPlace
}

/** What was found as one types, the nearest first, and the kinds to narrow it to. */
export function SearchResults({ text, place, open }: Props) {
  // The address follows what is typed a moment later: what is clicked keeps the text that is in sight.
  const go: OpenPlace = (next) => open({ find: text, ...next })
  const kinds = isFilter(place.of) ? kindFilters[place.of] : undefined
  const found = useQuery({
    ...rpc.schema.search.queryOptions({ input: { text, kinds, limit: 100 } }),
    placeholderData: keepPreviousData,
  })
  return (
    <>
      <fieldset className="find__kinds" aria-label="Kinds">
        {Object.keys(kindFilters).map((label) => (
          <button
            key={label}
            type="button"
            className={`chip${place.of === label ? ' chip--running' : ' chip--plain'}`}
            aria-pressed={place.of === label}
            onClick={() => go({ ...place, find: text, of: place.of === label ? undefined : label })}
          >
            {label}
          </button>
        ))}
      </fieldset>
      <QueryPanel query={found} rows={12}>
        {({ hits, total }) => (
          <>
            <div className="scroll tree__rows">
              {hits.map((hit) => {
                const { kind, schema, parent, name, signature, detail, where, snippet } = hit
                return (
                  <button
                    key={[kind, schema, parent, name, signature].join('\0')}
                    type="button"
                    className="find__hit"
                    title={[kind, detail].filter(Boolean).join(' · ')}
                    onClick={() => go(placeOfHit(hit))}
                  >
                    <ObjectIcon kind={kind} />
                    <span className="grow clip">
                      <span className="mono">
                        {[schema, kind === 'partition' ? null : parent].filter(Boolean).map((part) => (
                          <span key={part} className="t3">
                            {part}.
                          </span>
                        ))}
                        {name}
                      </span>
                      {snippet && <span className="find__snippet clip">{snippet}</span>}
                    </span>
                    <span className="small t3">{where === 'name' ? kind : `in ${where}`}</span>
                  </button>
                )
              })}
              {hits.length === 0 && (
                <p className="small t2 find__none">
                  Nothing has all of these words in its name, its comment or its code.
                </p>
              )}
            </div>
            <p className="toolbar small t3 num tree__foot">
              {total > hits.length
                ? `the nearest ${hits.length} of ${formatCount(total)}`
                : `${formatCount(total)} found`}
            </p>
          </>
        )}
      </QueryPanel>
    </>
  )
}
