import { create } from 'zustand'
import type { Source } from '../../src-main/migrations/state.contract.ts'
import { chosenEnvironment } from '../rpc/transport.ts'

const kept = 8
const key = `atlas.migrations.folders.${chosenEnvironment() ?? ''}`

const useStore = create<{ folders: Source[] }>(() => ({ folders: read() }))

/** The folders of migrations that were open in this environment, the newest first; the platform's is `{}`. A restart keeps them. */
function useMigrationFolders(): Source[] {
  return useStore(({ folders }) => folders)
}

/** Where a new file can go: the folders that were open, the newest first, and the platform's. */
export function useMigrationSources(): Source[] {
  const opened = useMigrationFolders()
  return opened.some(({ folder }) => folder === undefined) ? opened : [...opened, {}]
}

export function nameOfSource({ folder, project }: Source): string {
  return folder ? `${project ? `${project}: ` : ''}${folder}` : 'The platform’s own migrations'
}

export function rememberMigrationFolder({ folder, project }: Source): void {
  const others = useStore
    .getState()
    .folders.filter((one) => one.folder !== folder || one.project !== project)
    .slice(0, kept - 1)
  const folders = [{ ...(folder ? { folder } : {}), ...(project ? { project } : {}) }, ...others]
  useStore.setState({ folders })
  localStorage.setItem(key, JSON.stringify(folders))
}

function read(): Source[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key) ?? '[]')
    return Array.isArray(stored) ? (stored as Source[]) : []
  } catch {
    return []
  }
}
