import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'

export interface TestRedis {
  url: string
  password: string
  stop(): Promise<void>
}

/** Starts a real redis-server with a password on a free port; fails with the command that installs one. */
export async function startRedis(): Promise<TestRedis> {
  const port = await new Promise<number>((resolve) => {
    const probe = createServer()
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
  const password = randomBytes(12).toString('hex')
  const folder = await mkdtemp(join(tmpdir(), 'atlas-redis-'))
  const settings = [
    `--port ${port}`,
    '--bind 127.0.0.1',
    `--requirepass ${password}`,
    '--save ""',
    `--dir ${folder}`,
  ]
  const server = spawn('redis-server', ['-'], { stdio: ['pipe', 'ignore', 'inherit'] })
  const failure = new Promise<never>((_resolve, reject) =>
    server.once('error', (cause) =>
      reject(new Error('redis-server is missing: apt-get install redis-server', { cause })),
    ),
  )
  server.stdin.end(settings.map((line) => line.slice(2)).join('\n'))
  const url = `redis://:${password}@127.0.0.1:${port}`
  const client = new Redis(url, {
    retryStrategy: (times) => Math.min(times * 10, 200),
    maxRetriesPerRequest: 50,
  })
  client.on('error', () => {})
  await Promise.race([client.ping(), failure])
  client.disconnect()
  return {
    url,
    password,
    stop: async () => {
      const ended = new Promise((resolve) => server.once('exit', resolve))
      server.kill()
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
