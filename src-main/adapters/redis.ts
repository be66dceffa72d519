import { Redis } from 'ioredis'
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

  // Opened with the first command: an address whose password cannot be decrypted fails a call, never a start.
  const open = () => {
    opened ??= { client: connect(url()), host: new URL(url()).host }
    return opened
  }

  const guarded = async <Result>(work: (client: Redis, host: string) => Promise<Result>): Promise<Result> => {
    const { client, host } = open()
    try {
      if (client.status === 'end' || client.status === 'wait' || client.status === 'close')
        await client.connect()
      return await work(client, host)
    } catch (cause) {
      const error = cause as Error & { code?: string }
      throw new AtlasError(
        'REDIS_UNAVAILABLE',
        'Redis does not answer',
        {
          object: host,
          sqlState: error.code,
          detail: error.message,
          next: 'Check that Redis runs, its address and its password. Everything that needs no Redis works on.',
        },
        { cause },
      )
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

function connect(url: string): Redis {
  const client = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: true,
    maxRetriesPerRequest: 0,
    connectTimeout: 3000,
    commandTimeout: 3000,
    retryStrategy: () => null,
  })
  client.on('error', () => {})
  return client
}
