import { useState } from 'react'
import type { LogSummary } from '../../src-main/logs/contract.ts'
import { client } from '../rpc/client.ts'
import { downloadBlob } from '../ui/download.ts'
import { toFault } from '../ui/fault.ts'
import { formatCount } from '../ui/format.ts'

const copiedLines = 10_000

/** The rows of a view as text, on the clipboard or in a file; `note` says what came of it. */
export function useLogText(summary: LogSummary | undefined, service: string) {
  const [note, setNote] = useState('')
  const gather = async (count?: number) => {
    const parts: string[] = []
    const viewId = summary?.viewId ?? ''
    for await (const part of await client.logs.export({ viewId, ...(count && { count }) })) parts.push(part)
    return parts
  }
  const saying = (act: () => Promise<string>) => () => {
    act().then(setNote, (failure: unknown) => setNote(toFault(failure).message))
  }
  return {
    note,
    copy: saying(async () => {
      await navigator.clipboard.writeText((await gather(copiedLines)).join(''))
      const rows = summary?.rows ?? 0
      return rows > copiedLines
        ? `Copied the first ${formatCount(copiedLines)} of ${formatCount(rows)} lines; Download saves all of them.`
        : `Copied ${formatCount(rows)} lines.`
    }),
    download: saying(async () => {
      const fileName = `${summary?.project ?? 'stack'}${service ? `-${service}` : ''}.log`
      downloadBlob(fileName, new Blob(await gather(), { type: 'text/plain;charset=utf-8' }))
      return ''
    }),
  }
}
