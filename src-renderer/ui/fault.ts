import { ORPCError } from '@orpc/client'
import type { Fault } from '../../src-main/errors.ts'

export interface ShownFault extends Fault {
  code: string
  message: string
}

/** Whatever a call threw, as what may be shown of it. */
export function toFault(error: unknown): ShownFault {
  if (error instanceof ORPCError)
    return { ...(error.data as Fault), code: error.code, message: error.message }
  if (error instanceof Error) {
    return {
      code: 'CONNECTION_LOST',
      message: 'Atlas does not answer',
      detail: error.message,
      next: 'It reconnects by itself; try again in a moment.',
    }
  }
  return { code: 'INTERNAL', message: 'Something failed that Atlas did not expect', detail: String(error) }
}
