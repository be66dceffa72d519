import { IconDownload } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import type { FileFormat } from '../../src-main/console/exchangeContract.ts'
import { client } from '../rpc/client.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { formatCount, plural } from '../ui/format.ts'
import type { HeldStatement } from './heldStatement.ts'
import { JobLine } from './JobLine.tsx'
import { useJob } from './useJob.ts'

const formats: [FileFormat, string, string][] = [
  ['csv', 'CSV', 'csv'],
  ['tsv', 'TSV', 'tsv'],
  ['jsonl', 'JSON lines', 'jsonl'],
  ['json', 'JSON', 'json'],
  ['parquet', 'Parquet', 'parquet'],
  ['xlsx', 'Excel workbook', 'xlsx'],
  ['markdown', 'Markdown', 'md'],
  ['insert', 'SQL INSERT', 'sql'],
]

/** Opens the export of a result. */
export function ExportMenu({ statement }: { statement: HeldStatement }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <button type="button" className="btn btn--sm" onClick={() => setOpen(true)}>
        <IconDownload className="icon icon--14" />
        Export
      </button>
      {isOpen && <ExportDialog statement={statement} onClose={() => setOpen(false)} />}
    </>
  )
}

/** Writes a result to a file of the machine that Atlas runs on, as a job: never through the grid. */
function ExportDialog({ statement, onClose }: { statement: HeldStatement; onClose: () => void }) {
  const { resultId, rows, isCut } = statement
  const [format, setFormat] = useState<FileFormat>('csv')
  const [path, setPath] = useState('')
  const [again, setAgain] = useState(false)
  const [isCalm, setCalm] = useState(false)
  const [isReplacing, setReplacing] = useState(false)
  const ending = formats.find(([name]) => name === format)?.[2] ?? format
  useEffect(() => {
    void client.console
      .suggestPath({ name: `result-${statement.index + 1}.${ending}` })
      .then((suggested) => setPath(suggested.path))
  }, [ending, statement.index])
  const followed = useJob(() =>
    client.console.exportFile({ resultId, format, path, again, isReplacing, neutraliseFormulas: isCalm }),
  )
  return (
    <Dialog
      title="Export the result"
      width={560}
      onClose={onClose}
      foot={
        <>
          <span className="t3 small">Named .partial until it is whole.</span>
          <span className="grow" />
          <button
            type="button"
            className="btn btn--primary"
            disabled={path === '' || followed.isRunning}
            onClick={followed.start}
          >
            Write the file
          </button>
        </>
      }
    >
      <div className="con__form">
        <label>
          Format
          <select
            className="input"
            value={format}
            onChange={(event) => setFormat(event.target.value as FileFormat)}
          >
            {formats.map(([name, label]) => (
              <option key={name} value={name}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label>
          File
          <input
            className="input mono"
            value={path}
            spellCheck={false}
            onChange={(event) => setPath(event.target.value)}
          />
        </label>
        <label className="con__check">
          <input type="checkbox" checked={again} onChange={(event) => setAgain(event.target.checked)} />
          Run the statement again and take every row
          <span className="t3 small">
            else the {plural(rows, 'row')} that {isCut ? 'had come' : 'are here'}
          </span>
        </label>
        {(format === 'csv' || format === 'tsv') && (
          <label className="con__check">
            <input type="checkbox" checked={isCalm} onChange={(event) => setCalm(event.target.checked)} />
            For spreadsheets: formulas made text
          </label>
        )}
        <label className="con__check">
          <input
            type="checkbox"
            checked={isReplacing}
            onChange={(event) => setReplacing(event.target.checked)}
          />
          Replace a file of this name
        </label>
        {format === 'xlsx' && (
          <p className="t3 small">
            Numbers of more than 15 digits, times with a zone and infinities are written as text, exactly.
            Behind {formatCount(1_048_576)} rows a new sheet begins.
          </p>
        )}
        <JobLine followed={followed} />
      </div>
    </Dialog>
  )
}
