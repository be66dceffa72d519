/** What the console does at a key, wherever the focus is in it. */
export type Command =
  | 'newTab'
  | 'closeTab'
  | 'nextTab'
  | 'previousTab'
  | 'save'
  | 'format'
  | 'cancel'
  | 'side'
  | 'file'

const alt: Record<string, Command> = {
  n: 'newTab',
  w: 'closeTab',
  h: 'side',
  o: 'file',
  PageDown: 'nextTab',
  PageUp: 'previousTab',
}

export function commandOfKey(event: KeyboardEvent): Command | undefined {
  const isControl = event.ctrlKey || event.metaKey
  const isInDialog = event.target instanceof Element && event.target.closest('dialog')
  if (isInDialog) return undefined
  if (isControl && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 's') return 'save'
  if (isControl && !event.altKey && event.key === '.') return 'cancel'
  if (event.altKey && event.shiftKey && !isControl && event.code === 'KeyF') return 'format'
  if (!event.altKey || isControl || event.shiftKey) return undefined
  // With Alt a Mac gives another letter: the place of the key counts.
  return alt[event.code.startsWith('Key') ? event.code.slice(3).toLowerCase() : event.key]
}
