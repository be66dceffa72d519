import { IconDownload } from '@tabler/icons-react'
import { useState } from 'react'
import type { AuditFilter } from '../../src-main/audit/contract.ts'
import { client } from '../rpc/client.ts'
import { toFault } from '../ui/fault.ts'
import { formatCount } from '../ui/format.ts'

type Format = 'csv' | 'jsonl'

/** Saves what is filtered, read piece by piece, and beside it the manifest by which a copy is known again. */
export function ExportMenu({ filter }: { filter: AuditFilter }) {
  const [isOpen, setOpen] = useState(false)
  const [said, setSaid] = useState<{ text: string; isFailure?: boolean }>()
  const save = async (format: Format) => {
    setOpen(false)
    setSaid({ text: 'Exporting…' })
    try {
      const parts: Blob[] = []
      for await (const piece of await client.audit.export({ ...filter, format })) {
        if (piece.kind === 'text') {
          parts.push(new Blob([piece.text]))
          setSaid({ text: `${formatCount(piece.rows)} entries…` })
        } else {
          saveFile(`atlas-audit.${format}`, new Blob(parts))
          saveFile('atlas-audit.manifest.json', new Blob([JSON.stringify(piece.manifest, null, 2)]))
          setSaid({
            text: `${formatCount(piece.manifest.rows)} entries, SHA-256 ${piece.manifest.sha256.slice(0, 12)}…`,
          })
        }
      }
    } catch (error) {
      setSaid({ text: toFault(error).message, isFailure: true })
    }
  }
  return (
    <span className="audit__menu">
      {said && (
        <span className={said.isFailure ? 't-fail small' : 't2 small num'} role="status">
          {said.text}
        </span>
      )}
      <button
        type="button"
        className="btn btn--ghost"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <IconDownload className="icon" />
        Export
      </button>
      {isOpen && (
        <div className="menu audit__sheet" role="menu">
          {(['csv', 'jsonl'] as const).map((format) => (
            <button
              key={format}
              type="button"
              role="menuitem"
              className="menu__item menu__item--plain"
              onClick={() => void save(format)}
            >
              {format === 'csv' ? 'CSV' : 'JSON lines'}, with its manifest
            </button>
          ))}
        </div>
      )}
    </span>
  )
}

function saveFile(name: string, content: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
