import type { Preview } from '../../src-main/console/statementContract.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { formatCount, plural } from '../ui/format.ts'

interface Props {
  preview: Preview
  onEnd: (how: 'commit' | 'rollback') => void
  /** The transaction stays open. */
  onClose: () => void
}

const done = { insert: 'inserted', update: 'updated', delete: 'deleted' }
const shownCharacters = 200

/** What a write did in its open transaction, row by row, and the choice to keep it. */
export function PreviewDialog({ preview, onEnd, onClose }: Props) {
  const { verb, table, columns, rows, changes } = preview
  const shown = columns.map((name, at) => ({ name, at })).filter(({ at }) => isInteresting(preview, at))
  return (
    <Dialog
      title={`${plural(rows, 'row')} of ${table} ${done[verb]}, not committed`}
      width={960}
      onClose={onClose}
      foot={
        <>
          <span className="t3 small">
            {rows > changes.length && `The first ${formatCount(changes.length)} are shown. `}
            Others do not see this until it is committed; the rows are locked until then.
          </span>
          <span className="grow" />
          <button type="button" className="btn" onClick={() => onEnd('rollback')}>
            Roll back
          </button>
          <button type="button" className="btn btn--danger-solid" onClick={() => onEnd('commit')}>
            Commit {plural(rows, 'row')}
          </button>
        </>
      }
    >
      <div className="con__preview">
        <table className="table" aria-label="Changes">
          <thead>
            <tr>
              {shown.map(({ name }) => (
                <th key={name}>{name}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {changes.map(({ before, after }, row) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the rows of a preview do not move
              <tr key={row}>
                {shown.map(({ name, at }) => (
                  <td key={name}>
                    <Change
                      was={before?.[at]}
                      is={after?.[at]}
                      isChange={before !== null && before[at] !== after?.[at]}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Dialog>
  )
}

/** Of an update, the key and what has changed anywhere. */
function isInteresting({ verb, changes }: Preview, at: number): boolean {
  return verb !== 'update' || at === 0 || changes.some(({ before, after }) => before?.[at] !== after?.[at])
}

type Value = string | null | undefined

function Change({ was, is, isChange }: { was: Value; is: Value; isChange: boolean }) {
  if (is === undefined) return <del className="con__was">{text(was)}</del>
  if (was === undefined) return <ins className="con__is">{text(is)}</ins>
  if (!isChange) return text(is)
  return (
    <>
      <del className="con__was">{text(was)}</del> <ins className="con__is">{text(is)}</ins>
    </>
  )
}

const text = (value: Value) =>
  value === null || value === undefined ? <span className="null">NULL</span> : value.slice(0, shownCharacters)
