import { useQuery } from '@tanstack/react-query'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { Loading } from '../ui/Loading.tsx'
import { ViewHeader } from '../ui/ViewHeader.tsx'
import { loadTabs, useConsoles } from './tabs.ts'
import { Workbench } from './Workbench.tsx'
import './console.css'
import './consoleParts.css'
import './workbench.css'

/** SQL in tabs, each with a session of its own: run, read, cancel, find again. */
export function ConsoleView() {
  const isLoaded = useConsoles((state) => state.isLoaded)
  const loading = useQuery({
    queryKey: ['console.tabs'],
    queryFn: async () => {
      await loadTabs()
      return true
    },
    staleTime: Number.POSITIVE_INFINITY,
  })
  if (isLoaded) return <Workbench />
  return (
    <>
      <ViewHeader title="Console" state={<span>Reading the tabs</span>} />
      <div className="view-body">
        {loading.error ? (
          <ErrorNotice error={loading.error} onRetry={() => void loading.refetch()} />
        ) : (
          <Loading rows={8} />
        )}
      </div>
    </>
  )
}
