import { ORPCError, ValidationError } from '@orpc/contract'
import { implement } from '@orpc/server'
import { api } from './api.ts'
import type { Call } from './contract.ts'
import { errorCatalogue, invalidInput } from './errors.ts'
import type { Logger } from './log.ts'
import type { Services } from './services.ts'

/** What a connection carries: the services of the environment that its window chose. */
export interface RequestContext {
  services: () => Services
}

type Method = (input: unknown, call: Call) => Promise<unknown>

/**
 * Binds each procedure of the contract to the method of the same name. A call is declared in its contract and
 * answered in its service; this is the only wiring between the two, and the only translation of errors.
 */
export function createRouter(log: Logger) {
  const builder = implement(api)
    .$context<RequestContext>()
    .use(async ({ next }) => {
      try {
        const result = await next()
        return isFeed(result.output) ? { ...result, output: withTransportErrors(result.output, log) } : result
      } catch (error) {
        throw toTransport(error, log)
      }
    })

  const bind = <Slice extends keyof typeof api>(slice: Slice) =>
    Object.fromEntries(
      Object.keys(api[slice]).map((name) => {
        // Contract and service have the same keys by the type of Services; the loop only forgets which one it is at.
        const procedure = (builder[slice] as unknown as Record<string, typeof builder.jobs.list>)[name]
        if (!procedure) throw new Error(`No procedure ${slice}.${name}`)
        return [
          name,
          procedure.handler((({
            input,
            context,
            signal,
          }: {
            input: unknown
            context: RequestContext
            signal?: AbortSignal
          }) => {
            const methods = context.services()[slice] as unknown as Record<string, Method>
            const method = methods[name]
            if (!method) throw new Error(`No method ${slice}.${name}`)
            return method(input, { signal })
          }) as never),
        ]
      }),
    )

  return Object.fromEntries((Object.keys(api) as (keyof typeof api)[]).map((slice) => [slice, bind(slice)]))
}

const isFeed = (value: unknown): value is AsyncIterableIterator<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

/** The same feed, whose errors cross as those of a call do; an end that is asked for reaches it at once. */
function withTransportErrors(
  feed: AsyncIterableIterator<unknown>,
  log: Logger,
): AsyncIterableIterator<unknown> {
  const source = feed[Symbol.asyncIterator]()
  const translate = (error: unknown) => {
    throw toTransport(error, log)
  }
  return {
    next: () => source.next().catch(translate),
    return: async (value) => (await source.return?.(value).catch(translate)) ?? { done: true, value },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

function toTransport(error: unknown, log: Logger): ORPCError<string, unknown> {
  if (error instanceof ORPCError && error.code === 'BAD_REQUEST' && error.cause instanceof ValidationError)
    return fromAtlas(invalidInput(error.cause.issues[0]), log)
  if (error instanceof ORPCError && error.code in errorCatalogue) return error
  return fromAtlas(error, log)
}

function fromAtlas(error: unknown, log: Logger): ORPCError<string, unknown> {
  const { code, message, data } = log.describe(error)
  return new ORPCError(code, { defined: true, status: errorCatalogue[code].status, message, data })
}
