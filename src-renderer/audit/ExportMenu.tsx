import { IconDownload } from '@tabler/icons-react'
import { useState } from 'react'
import type { AuditFilter } from '../../src-main/audit/contract.ts'
import { client } from '../rpc/client.ts'
import { ExportDialog } from '../ui/ExportDialog.tsx'

/** Opens the export of what is filtered. */
export function ExportMenu({ filter, isMasked }: { filter: AuditFilter; isMasked: boolean | undefined }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <button type="button" className="btn btn--ghost" onClick={() => setOpen(true)}>
        <IconDownload className="icon" />
        Export
      </button>
      {isOpen && (
        <ExportDialog
          title="Export what is filtered"
          formats={[
            { name: 'csv', label: 'CSV', ending: 'csv' },
            { name: 'jsonl', label: 'JSON lines', ending: 'jsonl' },
          ]}
          fileName="atlas-audit"
          note="Beside it .manifest.json: its SHA-256, count and filter."
          onClose={() => setOpen(false)}
          start={(file) => client.audit.export({ filter, ...file })}
          options={() => (
            <p className="small t2 num">
              {filter.from.toISOString().slice(0, 16).replace('T', ' ')} to{' '}
              {filter.to.toISOString().slice(0, 16).replace('T', ' ')} UTC, newest first
              {isMasked && ', personal values masked'}
            </p>
          )}
        />
      )}
    </>
  )
}
