import type { Source } from '../../src-main/migrations/state.contract.ts'
import { nameOfSource } from './migrationFolders.ts'

interface Props {
  sources: Source[]
  /** Its place among them. */
  chosen: number
  onChoose: (chosen: number) => void
}

/** Chooses the folder that a new migration goes into. */
export function MigrationFolderField({ sources, chosen, onChoose }: Props) {
  return (
    <label className="field grow">
      <span>Folder</span>
      <select className="input" value={chosen} onChange={(event) => onChoose(Number(event.target.value))}>
        {sources.map((one, index) => (
          <option key={JSON.stringify(one)} value={index}>
            {nameOfSource(one)}
          </option>
        ))}
      </select>
      <span className="t3">
        The next number of the folder; no file is overwritten and nothing is run. Open another folder in the
        migrations view, and it is listed here.
      </span>
    </label>
  )
}
