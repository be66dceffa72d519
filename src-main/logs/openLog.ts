import type { Readable } from 'node:stream'
import type { DockerEngine } from '../adapters/docker.ts'

export interface LogRequest {
  isFollowing: boolean
  /** Seconds since 1970 with nanoseconds, as text. */
  since?: string
}

export type OpenLog = (container: string, request: LogRequest) => Promise<Readable>

/**
 * Opens a container's log as a stream, with stamps. dockerode streams only a log that is followed and gathers any other in
 * memory, so the call is made through its transport. Engine API, "Get container logs".
 */
export const openLogWith =
  (engine: Pick<DockerEngine, 'call'>): OpenLog =>
  (container, { isFollowing, since }) =>
    engine.call(
      container.slice(0, 12),
      (docker) =>
        new Promise<Readable>((resolve, reject) => {
          const options = {
            follow: isFollowing,
            stdout: true,
            stderr: true,
            timestamps: true,
            ...(since && { since }),
          }
          docker.modem.dial(
            {
              path: `/containers/${encodeURIComponent(container)}/logs?`,
              method: 'GET',
              isStream: true,
              options,
              statusCodes: { 101: true, 200: true, 404: 'no such container', 500: 'server error' },
            },
            (error: unknown, stream: unknown) => (error ? reject(error) : resolve(stream as Readable)),
          )
        }),
    )
