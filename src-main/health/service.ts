import type { Queryable } from '../adapters/postgres.ts'
import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import type { healthContract, ServiceHealth } from './contract.ts'
import { serverVersion } from './sql.ts'

interface Answer {
  version: string
  address?: string | undefined
}

interface Dependencies {
  db: Pick<Queryable, 'row'>
  postgresAddress: () => Promise<string>
  /** Each resolves to undefined where the environment has none. */
  pingRedis: () => Promise<Answer | undefined>
  pingDocker: () => Promise<Answer | undefined>
}

/** Whether PostgreSQL, Redis and Docker answer. */
export function createHealth({
  db,
  postgresAddress,
  pingRedis,
  pingDocker,
}: Dependencies): ServiceOf<typeof healthContract> {
  return {
    get: async () => {
      const [postgres, redis, docker] = await Promise.all([
        probe('PostgreSQL', 'No database is set', async () => {
          const answer = await db.row(serverVersion())
          return { version: answer?.version ?? '', address: await postgresAddress() }
        }),
        probe('Redis', 'This environment names no Redis', pingRedis),
        probe('Docker', 'No Docker engine on this machine', pingDocker),
      ])
      return { postgres, redis, docker }
    },
  }
}

async function probe(
  name: string,
  absent: string,
  ask: () => Promise<Answer | undefined>,
): Promise<ServiceHealth> {
  const begun = performance.now()
  try {
    const answer = await ask()
    if (!answer) return { status: 'absent', detail: absent }
    const version = answer.version.split(' ')[0] ?? ''
    return {
      status: 'ready',
      detail: `${name} ${version}`,
      version,
      latencyMs: performance.now() - begun,
      address: answer.address,
    }
  } catch (error) {
    if (!(error instanceof AtlasError)) throw error
    return {
      status: 'failing',
      detail: error.message,
      code: error.code,
      address: error.fault.object,
      fault: error.fault,
    }
  }
}
