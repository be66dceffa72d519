import { IconCopy } from '@tabler/icons-react'
import { useState } from 'react'
import type { TextFormat } from '../../src-main/console/exchangeContract.ts'
import { client } from '../rpc/client.ts'
import { toFault } from '../ui/fault.ts'
import { formatCount } from '../ui/format.ts'
import { MenuButton } from '../ui/MenuButton.tsx'
import type { Rectangle } from '../ui/resultSelection.ts'
import type { ResultLook } from './resultLook.ts'

const formats: [TextFormat, string][] = [
  ['tsv', 'TSV with heads'],
  ['csv', 'CSV'],
  ['json', 'JSON'],
  ['markdown', 'Markdown'],
  ['insert', 'SQL INSERT'],
]
const mostRows = 100_000

interface Props {
  resultId: string
  look: ResultLook
  selection: Rectangle | undefined
  rowCount: number
}

/** Copies the selected cells, or all, in a format. Values are read whole, not as the grid cuts them. */
export function CopyMenu({ resultId, look, selection, rowCount }: Props) {
  const [said, setSaid] = useState<string>()
  const copy = async (format: TextFormat) => {
    const area = selection ?? { row: 0, column: 0, height: rowCount, width: look.order.length }
    const height = Math.min(area.height, mostRows)
    try {
      let text = ''
      const feed = await client.console.export({
        resultId,
        arrangementId: look.arranged?.id,
        format,
        rows: { from: area.row, count: Math.max(1, height) },
        columns: look.order.slice(area.column, area.column + area.width),
      })
      for await (const piece of feed) text += piece
      await navigator.clipboard.writeText(text)
      setSaid(`${formatCount(height)} × ${area.width} copied`)
    } catch (error) {
      setSaid(toFault(error).message)
    }
    setTimeout(() => setSaid(undefined), 3000)
  }
  return (
    <>
      {said && (
        <span className="small t2" role="status">
          {said}
        </span>
      )}
      <MenuButton
        icon={<IconCopy className="icon icon--14" />}
        label="Copy"
        items={formats.map(([format, label]) => ({ label, act: () => void copy(format) }))}
      />
    </>
  )
}
