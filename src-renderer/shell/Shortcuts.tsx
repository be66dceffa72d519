import { Dialog } from '../ui/Dialog.tsx'

const shortcuts = [
  [['Ctrl', 'K'], 'Search everything, run a command'],
  [['?'], 'These shortcuts'],
  [['Esc'], 'Close what is open; clear a filter'],
  [['Ctrl', 'Enter'], 'Console: run the statement at the cursor'],
  [['Ctrl', 'Shift', 'Enter'], 'Console: run the whole text'],
  [['Ctrl', '.'], 'Console: cancel what runs'],
  [['Ctrl', 'Space'], 'Console: complete; Ctrl+Shift+Space: how a function is called'],
  [['Ctrl', 'S'], 'Console: save the text as a query, a snippet or a migration'],
  [['Shift', 'Alt', 'F'], 'Console: format the selection or the text'],
  [['Alt', 'N'], 'Console: new tab; Alt+W closes it'],
  [['Alt', 'PageDown'], 'Console: next tab; Alt+PageUp: the one before'],
  [['Alt', 'H'], 'Console: history and saved queries'],
  [['Alt', 'O'], 'Console: run a file'],
  [['←', '→'], 'Move between tabs'],
] as const

/** The keys that work here. */
export function Shortcuts({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Shortcuts" onClose={onClose}>
      <dl className="facts" style={{ gridTemplateColumns: '160px 1fr' }}>
        {shortcuts.map(([keys, text]) => (
          <div key={text} style={{ display: 'contents' }}>
            <dt className="keys" style={{ alignItems: 'center' }}>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
