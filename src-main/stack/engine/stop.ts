import type Docker from 'dockerode'

/** Stops a container with its own grace period or the given one (seconds); one that is stopped or gone is no error. */
export async function stopContainer(container: Docker.Container, timeoutSeconds?: number): Promise<void> {
  try {
    await container.stop(timeoutSeconds === undefined ? {} : { t: timeoutSeconds })
  } catch (error) {
    const { statusCode } = error as { statusCode?: number }
    if (statusCode !== 304 && statusCode !== 404) throw error
  }
}
