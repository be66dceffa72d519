import { IconDownload } from '@tabler/icons-react'
import { useState } from 'react'
import type { TextFormat } from '../../src-main/console/exchangeContract.ts'
import { client } from '../rpc/client.ts'
import { toFault } from '../ui/fault.ts'

type Format = TextFormat

const formats: { format: Format; label: string; neutraliseFormulas?: boolean }[] = [
  { format: 'csv', label: 'CSV, as it is' },
  { format: 'csv', label: 'CSV for spreadsheets: formulas made text', neutraliseFormulas: true },
  { format: 'tsv', label: 'TSV' },
  { format: 'jsonl', label: 'JSON lines' },
]

/** Saves the whole result, read piece by piece and never through the grid. */
export function ExportMenu({ resultId, title }: { resultId: string; title: string }) {
  const [isOpen, setOpen] = useState(false)
  const [failure, setFailure] = useState<string>()
  const save = async (format: Format, neutraliseFormulas: boolean) => {
    setOpen(false)
    setFailure(undefined)
    try {
      const parts: string[] = []
      for await (const part of await client.console.export({ resultId, format, neutraliseFormulas }))
        parts.push(part)
      saveFile(`${title}.${format}`, new Blob(parts, { type: 'text/plain;charset=utf-8' }))
    } catch (error) {
      setFailure(toFault(error).message)
    }
  }
  return (
    <span className="con__menu">
      {failure && <span className="t-fail small">{failure}</span>}
      <button type="button" className="btn btn--sm" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <IconDownload className="icon icon--14" />
        Export
      </button>
      {isOpen && (
        <div className="menu con__sheet" role="menu">
          {formats.map(({ format, label, neutraliseFormulas = false }) => (
            <button
              key={label}
              type="button"
              role="menuitem"
              className="menu__item menu__item--plain"
              onClick={() => void save(format, neutraliseFormulas)}
            >
              {label}
            </button>
          ))}
        </div>
      )}
    </span>
  )
}

function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
