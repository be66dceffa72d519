import { useQuery } from '@tanstack/react-query'
import { rpc } from '../rpc/client.ts'
import { CopyButton } from '../ui/CopyButton.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { formatCount } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'

interface Props {
  resultId: string
  row: number
  column: number
  columnName: string
  type: string
  onClose: () => void
}

const shownCharacters = 200_000

/** One value in full. JSON is shown indented, its numbers as they were sent. */
export function CellDialog({ resultId, row, column, columnName, type, onClose }: Props) {
  const value = useQuery({
    ...rpc.console.getValue.queryOptions({ input: { resultId, row, column } }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  })
  const text = value.data?.value
  return (
    <Dialog
      title={`${columnName}, row ${formatCount(row + 1)}`}
      width={720}
      onClose={onClose}
      foot={
        <>
          <span className="t3 small num">
            {type}
            {text !== undefined && text !== null && `, ${formatCount(text.length)} characters`}
            {text !== undefined &&
              text !== null &&
              text.length > shownCharacters &&
              ', the beginning is shown'}
          </span>
          <span className="grow" />
          {typeof text === 'string' && <CopyButton text={text} />}
        </>
      }
    >
      <QueryPanel query={value}>
        {(data) =>
          data.value === null ? (
            <p className="null">NULL</p>
          ) : (
            <pre className="code code--sm con__value">{data.value.slice(0, shownCharacters)}</pre>
          )
        }
      </QueryPanel>
    </Dialog>
  )
}
