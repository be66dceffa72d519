import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openAppDb } from '../../src-main/adapters/appdb.ts'
import { openPostgres } from '../../src-main/adapters/postgres.ts'
import { openRedis } from '../../src-main/adapters/redis.ts'
import { createEnvironments } from '../../src-main/environments/service.ts'
import { sql } from '../../src-main/sql.ts'
import { createLoader } from '../../src-main/stack/compose/project.ts'
import { createConnectionReader } from '../../src-main/stack/connection.ts'
import { setVariables } from '../../src-main/stack/files/envText.ts'
import { findFreePort } from '../../src-main/stack/plan/portHolder.ts'
import { describeDocker, openStackTest, type StackTest } from './support.ts'

const resources = join(import.meta.dirname, '..', '..', 'resources')
const home = mkdtempSync(join(tmpdir(), 'atlas-own-'))
let stack: StackTest

/** The stack that Atlas brings, with the images that were built here and names and ports of its own. */
describeDocker('our own stack', () => {
  beforeAll(() => {
    stack = openStackTest({})
    cpSync(join(resources, 'stack'), stack.folder, { recursive: true })
  })
  afterAll(async () => {
    await stack?.close()
    rmSync(home, { recursive: true, force: true })
  })

  test('gets its passwords, comes up, and is an environment that connects itself', async () => {
    const { act, folder, project } = stack
    const load = createLoader(join(resources, 'schemas', 'compose-spec.json'), {
      COMPOSE_PROJECT_NAME: project,
    })
    const readStack = createConnectionReader(load, () => ({ folder }))
    expect(readStack()).toBeUndefined()

    const { written } = await stack.stack.fix({ id: 'secrets' }, {})
    expect(written).toContain('DB_PASSWORD')
    const [db, redis] = [
      await findFreePort('127.0.0.1', 21_000, new Set()),
      await findFreePort('127.0.0.1', 22_000, new Set()),
    ]
    const names = ['DB_CONTAINER', 'REDIS_CONTAINER', 'STACK_NETWORK', 'DB_VOLUME', 'REDIS_VOLUME']
    const file = join(folder, '.env')
    writeFileSync(
      file,
      setVariables(readFileSync(file, 'utf8'), {
        ...Object.fromEntries(names.map((name) => [name, `${project}-${name.toLowerCase()}`])),
        DB_IMAGE: 'atlas-test/postgres:15',
        REDIS_IMAGE: 'atlas-test/redis:7',
        DB_PORT: String(db),
        REDIS_PORT: String(redis),
        DB_SHARED_BUFFERS: '32MB',
        DB_HEALTH_INTERVAL: '500ms',
        DB_HEALTH_RETRIES: '100',
        REDIS_HEALTH_INTERVAL: '500ms',
      }),
    )
    expect((await stack.stack.doctor({}, {})).filter(({ status }) => status === 'fail')).toEqual([])
    expect(await act('up', { shouldWait: true })).toMatchObject({ status: 'succeeded', detail: '2 made' })
    expect(await stack.stack.plan({}, {})).toMatchObject({ isCurrent: true })

    const appDb = openAppDb(home)
    const environments = createEnvironments({
      config: { databaseUrl: undefined, redisUrl: undefined },
      db: appDb,
      secrets: { place: 'file', placeDetail: '', seal: (text) => text, unseal: (text) => text },
      startEmbedded: async () => {
        throw new Error('not asked for')
      },
      readStack,
      openPostgres: (locate) => openPostgres(locate, { applicationName: 'test' }),
      openRedis,
      onChange: async () => {},
      onRemoved: () => {},
    })
    const target = environments.resolve('Local (stack)')
    expect(target.environment).toMatchObject({
      id: 'stack',
      kind: 'local',
      hasPassword: true,
      hasRedisPassword: true,
    })
    expect(JSON.stringify(target.environment)).not.toContain(
      readFileSync(file, 'utf8').match(/^DB_PASSWORD=(.+)$/m)?.[1],
    )
    const postgres = openPostgres(target.locatePostgres, { applicationName: 'test' })
    const cache = openRedis(target.redisUrl)
    try {
      expect(await target.locatePostgres()).toMatchObject({
        port: db,
        database: 'atlas_pipeline',
        user: 'atlas_user',
      })
      expect(await postgres.flat(sql`select current_user`)).toEqual([['atlas_user']])
      expect((await cache.ping()).version).toMatch(/^7\./)
    } finally {
      await postgres.close()
      await cache.close()
      appDb.close()
    }
  })
})
