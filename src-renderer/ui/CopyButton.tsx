import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useState } from 'react'

/** Copies a text, which may be made only then, and says for two seconds that it did. */
export function CopyButton({ text }: { text: string | (() => string) }) {
  const [isCopied, setCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(typeof text === 'string' ? text : text())
    setCopied(true)
    setTimeout(() => setCopied(false), 2000)
  }
  return (
    <button
      type="button"
      className="icon-btn icon-btn--sm"
      title={isCopied ? 'Copied' : 'Copy'}
      onClick={copy}
    >
      {isCopied ? <IconCheck className="icon icon--14" /> : <IconCopy className="icon icon--14" />}
    </button>
  )
}
