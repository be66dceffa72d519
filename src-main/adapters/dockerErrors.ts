import { AtlasError, type ErrorCode } from '../errors.ts'

/** What docker-modem throws for an answer that is no success. */
interface EngineAnswer {
  statusCode?: number
  reason?: string
  json?: { message?: string }
  code?: string
  message: string
  /** What the failing call was about, where it was closer than the work around it: a service, a container. */
  object?: string
}

const gone = new Set([
  'ECONNREFUSED',
  'ENOENT',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ETIMEDOUT',
])

/** A failed call of the Engine API as an error of the catalogue. An error of the catalogue stays as it is. */
export function dockerError(cause: unknown, object: string, address: string): AtlasError {
  if (cause instanceof AtlasError) return cause
  const { statusCode, json, code, message } = cause as EngineAnswer
  if (statusCode === undefined) {
    if (code === 'EACCES' || (code && gone.has(code)) || message === 'socket hang up') {
      return new AtlasError(
        'DOCKER_UNAVAILABLE',
        'The Docker engine does not answer',
        {
          object: address,
          sqlState: code,
          detail: `${object}: ${message}`,
          next: 'Start Docker and try again.',
        },
        { cause },
      )
    }
    throw cause
  }
  const text = (json?.message ?? message).trim()
  const { errorCode, says, next } = classify(statusCode, text)
  const closest = (cause as EngineAnswer).object ?? object
  return new AtlasError(
    errorCode,
    says,
    { object: closest, sqlState: String(statusCode), detail: text, next },
    { cause },
  )
}

/** The engine answers with a status and words alone; where a status means several things, its words decide. */
function classify(status: number, text: string): { errorCode: ErrorCode; says: string; next: string } {
  if (/port is already allocated|address already in use|ports are not available/i.test(text)) {
    return {
      errorCode: 'PORT_TAKEN',
      says: 'A port that the container publishes is taken',
      next: 'Run the checks before up: they name who holds it and offer a free one.',
    }
  }
  if (/no space left on device/i.test(text)) {
    return {
      errorCode: 'DISK_FULL',
      says: 'The disk of the Docker engine is full',
      next: 'Make room (docker system df shows what takes it) and try again.',
    }
  }
  // Podman gives every container limits of its own settings, which may be above those that it has itself.
  if (/setting rlimit|setrlimit/i.test(text)) {
    return {
      errorCode: 'DOCKER_ERROR',
      says: 'The engine may not give the container its limits',
      next: 'Set lower ones for the service, such as ulimits: {nofile: 1024, nproc: 1024} (ulimit -Hn and -Hu show the most); for every container of Podman under default_ulimits in containers.conf.',
    }
  }
  if (status === 404) {
    // A file that a container lacks may have the word in its path.
    return /image/i.test(text) && !/find the file/i.test(text)
      ? {
          errorCode: 'IMAGE_NOT_FOUND',
          says: 'The image is not there',
          next: 'Pull or build it and try again.',
        }
      : { errorCode: 'NOT_FOUND', says: 'The Docker engine does not have it', next: 'Read the stack again.' }
  }
  if (status === 409)
    return { errorCode: 'CONFLICT', says: 'It is in use or exists already', next: 'Read the stack again.' }
  return {
    errorCode: 'DOCKER_ERROR',
    says: 'The Docker engine refused',
    next: 'The detail is the engine’s own.',
  }
}
