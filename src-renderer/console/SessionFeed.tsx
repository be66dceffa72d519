import { useEffect } from 'react'
import { client } from '../rpc/client.ts'
import { useLive } from '../rpc/useLive.ts'
import { useConsoles } from './tabs.ts'

/** Keeps what the backend says of a tab's session: also of one that began to run before the window was loaded anew. */
export function SessionFeed({ id }: { id: string }) {
  const { data } = useLive(`console.${id}`, (signal) => client.console.watch({ sessionId: id }, { signal }))
  useEffect(() => {
    useConsoles.setState(({ sessions }) => ({ sessions: { ...sessions, [id]: data } }))
  }, [id, data])
  return null
}
