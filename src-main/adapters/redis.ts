import { Redis, ReplyError } from 'ioredis'
import { AtlasError } from '../errors.ts'

export interface RedisConnection {
  /** Answers with the server's version, or throws `REDIS_UNAVAILABLE`. */
  ping(): Promise<{ version: string; address: string }>
  /** Whether it still reads its data from disk; commands on keys are refused while it does. */
  isLoading(): Promise<boolean>
  /** Writes, reads and deletes a key of its own; resolves to what was read. */
  roundTrip(key: string, value: string): Promise<{ read: string | null; deleted: number }>
  close(): Promise<void>
}

/** A connection that opens with the first command and never retries in the background: the caller asks again. */
export function openRedis(locate: () => string | undefined): RedisConnection {
  const url = () => locate() ?? ''
  let opened: { client: Redis; host: string } | undefined
  /** Why the newest connection failed: a command that waited for it hears only that it was closed. */
  let refusal: Error | undefined

  // Opened with the first command: an address whose password cannot be decrypted fails a call, never a start.
  const open = () => {
    if (!opened) {
      opened = { client: connect(url()), host: new URL(url()).host }
      opened.client.on('error', (error) => {
        refusal = error
      })
    }
    return opened
  }

  const guarded = async <Result>(work: (client: Redis, host: string) => Promise<Result>): Promise<Result> => {
    const { client, host } = open()
    refusal = undefined
    try {
      if (client.status === 'end' || client.status === 'wait' || client.status === 'close')
        await client.connect()
      return await work(client, host)
    } catch (cause) {
      throw translate(refusal ?? (cause as Error), host)
    }
  }

  return {
    ping: () =>
      guarded(async (client, host) => {
        const info = await client.info('server')
        return { version: /redis_version:(\S+)/.exec(info)?.[1] ?? 'unknown', address: host }
      }),
    isLoading: () => guarded(async (client) => /^loading:1/m.test(await client.info('persistence'))),
    roundTrip: (key, value) =>
      guarded(async (client) => {
        await client.set(key, value, 'EX', 60)
        const read = await client.get(key)
        return { read, deleted: await client.del(key) }
      }),
    close: async () => opened?.client.disconnect(),
  }
}

/** A server that refuses is there; its answer begins with its code (NOPERM, WRONGPASS, READONLY, OOM, …). */
function translate(cause: NodeJS.ErrnoException, host: string): AtlasError {
  const isAnswer = cause instanceof ReplyError
  return new AtlasError(
    'REDIS_UNAVAILABLE',
    isAnswer ? 'Redis refuses the command' : 'Redis does not answer',
    {
      object: host,
      sqlState: isAnswer ? cause.message.split(' ', 1)[0] : cause.code,
      detail: cause.message,
      next: isAnswer
        ? 'Check the password, and what the server lets this user do. Everything that needs no Redis works on.'
        : 'Check that Redis runs, and its address. Everything that needs no Redis works on.',
    },
    { cause },
  )
}

function connect(url: string): Redis {
  return new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: true,
    maxRetriesPerRequest: 0,
    connectTimeout: 3000,
    commandTimeout: 3000,
    retryStrategy: () => null,
  })
}
