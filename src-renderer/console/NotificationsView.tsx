import { IconBell } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { rpc } from '../rpc/client.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { formatCount, formatExact, formatTime } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'

interface Props {
  sessionId: string
  /** How many came by now: the list is read again with each. */
  count: number
  isListening: boolean
}

/** What came to the channels that the tab's session listens to, as it comes. */
export function NotificationsView({ sessionId, count, isListening }: Props) {
  const notifications = useQuery({
    queryKey: [...rpc.console.listNotifications.queryKey({ input: { sessionId } }), count],
    queryFn: ({ signal }) => rpc.console.listNotifications.call({ sessionId }, { signal }),
    placeholderData: (before) => before,
    // With each that comes it is another list of up to a thousand: those before are not kept.
    gcTime: 0,
  })
  return (
    <>
      <p className="con__tools small t2" role="status">
        {isListening
          ? 'Listening, as long as this tab is shown or runs'
          : 'The session listens to no channel: run LISTEN to hear more'}
        {notifications.data && notifications.data.length < count && (
          <span>
            , the last {formatCount(notifications.data.length)} of {formatCount(count)}
          </span>
        )}
      </p>
      <QueryPanel query={notifications}>
        {(list) =>
          list.length === 0 ? (
            <EmptyState icon={<IconBell className="icon icon--18" />} title="Nothing has come yet">
              What <span className="mono">NOTIFY</span> tells the channel appears here at once.
            </EmptyState>
          ) : (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a long list is scrolled with the keyboard
            <div className="scroll grow" tabIndex={0}>
              <table className="table con__heard" aria-label="Notifications">
                <thead>
                  <tr>
                    <th>Time</th>
                    <th>Channel</th>
                    <th className="r">Process</th>
                    <th>Payload</th>
                  </tr>
                </thead>
                <tbody>
                  {list.map(({ number, at, channel, payload, processId }) => (
                    <tr key={number}>
                      <td className="num" title={formatExact(at)}>
                        {formatTime(at).slice(-8)}
                      </td>
                      <td className="mono">{channel}</td>
                      <td className="num r">{processId}</td>
                      <td className="mono con__payload">
                        {payload || <span className="null">no payload</span>}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </QueryPanel>
    </>
  )
}
