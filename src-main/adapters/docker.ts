import { existsSync } from 'node:fs'
import Docker from 'dockerode'
import { AtlasError } from '../errors.ts'

/**
 * Asks the Docker engine for its version. Resolves to undefined where there is no engine to ask: no `DOCKER_HOST`
 * and no socket. Throws `DOCKER_UNAVAILABLE` where one should be and does not answer.
 */
export async function pingDocker(variables: NodeJS.ProcessEnv = process.env) {
  const address = variables.DOCKER_HOST ?? '/var/run/docker.sock'
  if (!variables.DOCKER_HOST && !existsSync(address)) return undefined
  try {
    const docker = new Docker({ timeout: 3000 })
    return { version: (await docker.version()).Version, address }
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new AtlasError(
      'DOCKER_UNAVAILABLE',
      'The Docker engine does not answer',
      {
        object: address,
        sqlState: code,
        detail: message,
        next: 'Start Docker; everything else works without it.',
      },
      { cause },
    )
  }
}
