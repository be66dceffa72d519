import { useState } from 'react'
import { HistoryPane } from './HistoryPane.tsx'
import { LibraryPane } from './LibraryPane.tsx'

const key = 'atlas.console.sidePane'

interface Props {
  /** Names the run that ended last. */
  newest: string | undefined
  onOpen: (text: string, title?: string) => void
}

/** Beside the editor: what was run, or what is saved. */
export function SidePane({ newest, onOpen }: Props) {
  const [shown, setShown] = useState(() => (localStorage.getItem(key) === 'saved' ? 'saved' : 'history'))
  const show = (pane: 'history' | 'saved') => {
    localStorage.setItem(key, pane)
    setShown(pane)
  }
  return (
    <aside className="drawer hist" aria-label={shown === 'saved' ? 'Saved queries' : 'History'}>
      <div className="toolbar">
        <div className="seg">
          <button type="button" aria-pressed={shown === 'history'} onClick={() => show('history')}>
            History
          </button>
          <button type="button" aria-pressed={shown === 'saved'} onClick={() => show('saved')}>
            Saved
          </button>
        </div>
      </div>
      {shown === 'saved' ? (
        <LibraryPane onOpen={({ text, name }) => onOpen(text, name)} />
      ) : (
        <HistoryPane newest={newest} onOpen={onOpen} />
      )}
    </aside>
  )
}
