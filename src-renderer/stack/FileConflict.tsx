import { State } from '../ui/State.tsx'

interface Props {
  onTakeFile: () => void
  onKeepText: () => void
}

/** A file that was written while a text of it was not saved: nothing is overwritten before one of the two was chosen. */
export function FileConflict({ onTakeFile, onKeepText }: Props) {
  return (
    <div className="notice notice--warning stack__makeenv" role="alert">
      <State name="warning" />
      <span className="grow">
        The file was written since your text began: both are in “Not saved yet”.{' '}
        <span className="t2">Nothing can be saved before you choose.</span>
      </span>
      <button type="button" className="btn btn--sm" onClick={onTakeFile}>
        Take the file
      </button>
      <button type="button" className="btn btn--sm" onClick={onKeepText}>
        Keep my text
      </button>
    </div>
  )
}
