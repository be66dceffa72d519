import { IconDownload } from '@tabler/icons-react'
import { useState } from 'react'
import type { FileFormat } from '../../src-main/console/exchangeContract.ts'
import { client } from '../rpc/client.ts'
import { ExportDialog, type ExportFormat } from '../ui/ExportDialog.tsx'
import { formatCount, plural } from '../ui/format.ts'
import type { HeldStatement } from './heldStatement.ts'

const formats: [ExportFormat<FileFormat>, ...ExportFormat<FileFormat>[]] = [
  { name: 'csv', label: 'CSV', ending: 'csv' },
  { name: 'tsv', label: 'TSV', ending: 'tsv' },
  { name: 'jsonl', label: 'JSON lines', ending: 'jsonl' },
  { name: 'json', label: 'JSON', ending: 'json' },
  { name: 'parquet', label: 'Parquet', ending: 'parquet' },
  { name: 'xlsx', label: 'Excel workbook', ending: 'xlsx' },
  { name: 'markdown', label: 'Markdown', ending: 'md' },
  { name: 'insert', label: 'SQL INSERT', ending: 'sql' },
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
      {isOpen && <ExportResult statement={statement} onClose={() => setOpen(false)} />}
    </>
  )
}

/** Writes a result to a file: its rows never pass through the grid. */
function ExportResult({ statement, onClose }: { statement: HeldStatement; onClose: () => void }) {
  const { resultId, rows, isCut, index } = statement
  const [again, setAgain] = useState(false)
  const [isCalm, setCalm] = useState(false)
  return (
    <ExportDialog
      title="Export the result"
      formats={formats}
      fileName={`result-${index + 1}`}
      onClose={onClose}
      start={(file) => client.console.exportFile({ resultId, again, neutraliseFormulas: isCalm, ...file })}
      options={(format) => (
        <>
          <label className="check small">
            <input type="checkbox" checked={again} onChange={(event) => setAgain(event.target.checked)} />
            Run the statement again and take every row
            <span className="t3">
              else the {plural(rows, 'row')} that {isCut ? 'had come' : 'are here'}
            </span>
          </label>
          {(format === 'csv' || format === 'tsv') && (
            <label className="check small">
              <input type="checkbox" checked={isCalm} onChange={(event) => setCalm(event.target.checked)} />
              For spreadsheets: formulas made text
            </label>
          )}
          {format === 'xlsx' && (
            <p className="t3 small">
              Numbers of more than 15 digits, times with a zone and infinities are written as text, exactly.
              Behind {formatCount(1_048_576)} rows a new sheet begins.
            </p>
          )}
        </>
      )}
    />
  )
}
