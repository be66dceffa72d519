import { IconArrowsDiff, IconFileCode, IconListTree, IconSchema } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useState } from 'react'
import { rpc } from '../rpc/client.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { FilterInput } from '../ui/FilterInput.tsx'
import { formatBytes, plural } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { ViewHeader } from '../ui/ViewHeader.tsx'
import { CompareView } from './compare/CompareView.tsx'
import { DiagramView } from './diagram/DiagramView.tsx'
import { ObjectDetail } from './ObjectDetail.tsx'
import { ObjectIcon } from './ObjectIcon.tsx'
import { type OpenPlace, type Place, usePlace } from './place.ts'
import { remember, useRecent } from './recent.ts'
import { SchemaDetail } from './SchemaDetail.tsx'
import { ScriptDialog } from './ScriptDialog.tsx'
import { SearchResults } from './SearchResults.tsx'
import { TableDetail } from './TableDetail.tsx'
import { Tree } from './Tree.tsx'
import { WaitingEdits } from './WaitingEdits.tsx'
import './schema.css'

const settleMs = 80

/** Everything in the database: a tree, a search over all of it, and one table or object in detail. */
export function SchemaView() {
  const tree = useQuery(rpc.schema.tree.queryOptions())
  const { place, open } = usePlace()
  const [isScripting, setScripting] = useState(false)
  const [text, setText] = useState(place.find ?? '')
  const { schema, table, kind, name, signature } = place

  // What is typed goes to the address when the typing pauses, and comes from it when a link changes it.
  useEffect(() => setText(place.find ?? ''), [place.find])
  // What was opened while the clock ran stays open: the newest place takes the text.
  const settle = useEffectEvent(() => {
    if (text !== (place.find ?? '')) open({ ...place, find: text || undefined })
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: only the text starts the clock
  useEffect(() => {
    const timer = setTimeout(settle, settleMs)
    return () => clearTimeout(timer)
  }, [text])
  useEffect(() => {
    if (schema && table) remember({ schema, table })
    else if (kind && name) remember({ kind, schema, name, signature })
  }, [schema, table, kind, name, signature])

  const sizeBytes = (tree.data?.tables ?? []).reduce((sum, one) => sum + one.sizeBytes, 0)
  const isFinding = text.trim() !== ''

  return (
    <>
      <ViewHeader
        title="Schema"
        state={
          tree.data && (
            <>
              <span>{plural(tree.data.schemas.length, 'schema')}</span>
              <span>
                {plural(tree.data.tables.filter((one) => !one.kind.includes('view')).length, 'table')}
              </span>
              <span>
                {plural(tree.data.tables.filter((one) => one.kind.includes('view')).length, 'view')}
              </span>
              <span className="num">{formatBytes(sizeBytes)}</span>
              <WaitingEdits open={open} />
            </>
          )
        }
        actions={
          <>
            <button type="button" className="btn" onClick={() => setScripting(true)}>
              <IconFileCode className="icon" />
              Script
            </button>
            <Shows place={place} open={open} />
          </>
        }
      />
      <QueryPanel query={tree} rows={14}>
        {(data) =>
          place.show === 'diagram' ? (
            <DiagramView tree={data} place={place} open={open} />
          ) : place.show === 'compare' ? (
            <CompareView place={place} open={open} />
          ) : (
            <div className="view-body panes" style={{ gridTemplateColumns: '300px minmax(0, 1fr)' }}>
              <section className="tree column" aria-label="Objects">
                <div className="toolbar">
                  <FilterInput
                    label="Search names, columns, comments, code"
                    value={text}
                    onChange={setText}
                  />
                </div>
                {isFinding ? (
                  <SearchResults text={text} place={place} open={open} />
                ) : (
                  <Tree data={data} place={place} open={open} />
                )}
              </section>
              <Detail place={place} open={open} />
            </div>
          )
        }
      </QueryPanel>
      {isScripting && <ScriptDialog onClose={() => setScripting(false)} />}
    </>
  )
}

const shows = [
  [undefined, 'Objects', IconListTree],
  ['diagram', 'Diagram', IconSchema],
  ['compare', 'Compare', IconArrowsDiff],
] as const

/** The ways to look at the database. */
function Shows({ place: { schema, table, show }, open }: { place: Place; open: OpenPlace }) {
  return (
    <div className="seg">
      {shows.map(([name, label, Icon]) => (
        <button
          key={label}
          type="button"
          aria-pressed={show === name}
          onClick={() => open({ schema, table, show: name })}
        >
          <Icon className="icon" />
          {label}
        </button>
      ))}
    </div>
  )
}

function Detail({ place, open }: { place: Place; open: OpenPlace }) {
  const { schema, table, kind, name, signature, tab } = place
  if (schema && table)
    return <TableDetail key={`${schema}.${table}`} schema={schema} name={table} tab={tab} />
  if (kind === 'schema' && name) return <SchemaDetail key={name} name={name} tab={tab} />
  if (kind && name)
    return (
      <ObjectDetail
        key={[kind, schema, name, signature].join('\0')}
        {...{ kind, name }}
        schema={schema ?? null}
        signature={signature ?? ''}
      />
    )
  return <Nothing open={open} />
}

function Nothing({ open }: { open: OpenPlace }) {
  const recent = useRecent()
  return (
    <EmptyState icon={<IconSchema className="icon icon--18" />} title="Choose a table">
      The search on the left finds names, columns, comments and code as you type. Row counts are the planner's
      estimates: no table is counted for a look.
      {recent.length > 0 && (
        <span className="recent">
          <span className="recent__title">Opened lately</span>
          {recent.map((place) => (
            <button
              key={JSON.stringify(place)}
              type="button"
              className="recent__item"
              onClick={() => open(place)}
            >
              <ObjectIcon kind={place.kind ?? 'table'} />
              <span className="mono clip">
                {[place.schema, place.table ?? place.name].filter(Boolean).join('.')}
              </span>
            </button>
          ))}
        </span>
      )}
    </EmptyState>
  )
}
