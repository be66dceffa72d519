import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Docker from 'dockerode'

/** A compose project of real services as somebody would bring one: a database, a cache, a page, and a job that may fail. */
const compose = `# The shop's own stack.
name: shop
services:
  db:
    image: atlas-test/postgres:15
    environment:
      POSTGRES_PASSWORD: \${DB_PASSWORD:?set DB_PASSWORD}
    ports: ['127.0.0.1:\${DB_PORT:-55432}:5432']
    volumes: ['db-data:/var/lib/postgresql/data']
    healthcheck: {test: [CMD, pg_isready, -h, 127.0.0.1, -U, postgres], interval: 500ms, timeout: 5s, retries: 200}
  redis:
    image: atlas-test/redis:7
    command: [redis-server, --requirepass, '\${REDIS_PASSWORD:?set REDIS_PASSWORD}']
    volumes: ['redis-data:/data']
    healthcheck: {test: [CMD-SHELL, 'redis-cli -a "$$REDISCLI_AUTH" ping'], interval: 500ms, timeout: 5s, retries: 200}
    environment:
      REDISCLI_AUTH: \${REDIS_PASSWORD}
  web:
    image: busybox
    init: true
    command: [sh, -c, 'echo "web begins with $$GREETING"; mkdir -p /www; echo "<h1>$$GREETING</h1>" > /www/index.html; httpd -f -v -p 80 -h /www']
    environment:
      GREETING: \${GREETING:-hello}
    ports: ['127.0.0.1:\${WEB_PORT:-58080}:80']
    depends_on:
      db: {condition: service_healthy}
      redis: {condition: service_healthy}
volumes:
  db-data:
  redis-data:
`

/** Services in every state that is not well, as an override: one that blocks, one that waits for it, one that ended. */
export const troubled = `services:
  gate:
    image: busybox
    init: true
    command: [/bin/sleep, '100000']
    # No shell is found in it, as in an image made of one program.
    environment: {PATH: /nowhere}
    healthcheck: {test: [CMD-SHELL, 'echo "schema 12 of 14 is missing"; test -f /tmp/open'], interval: 500ms, timeout: 2s, retries: 3}
  worker:
    image: busybox
    init: true
    command: [sleep, '100000']
    depends_on:
      gate: {condition: service_healthy}
  import:
    image: busybox
    command: [sh, -c, 'echo "starting import"; echo "ERROR: connect ECONNREFUSED 10.0.0.9:5432" >&2; exit 3']
`

const example = `# What the shop needs; copy to .env
DB_PASSWORD=changethis
DB_PORT=55432
REDIS_PASSWORD=changethis
WEB_PORT=58080
# What the page says
GREETING=hello
`

/** Writes the project into a folder of its own, with `.env.example` and no `.env`. `ports` are free ones. */
export function makeShop(ports: { db: number; web: number }): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'atlas-shop-')), 'shop')
  mkdirSync(folder)
  writeFileSync(join(folder, 'compose.yaml'), compose)
  writeFileSync(
    join(folder, '.env.example'),
    example.replace('55432', String(ports.db)).replace('58080', String(ports.web)),
  )
  return folder
}

/** Removes everything of the project from an engine. */
export async function removeShop(host: string): Promise<void> {
  const docker = new Docker({ socketPath: host.replace('unix://', '') })
  const label = { filters: { label: ['com.docker.compose.project=shop'] } }
  for (const { Id } of await docker.listContainers({ all: true, ...label }))
    await docker.getContainer(Id).remove({ force: true, v: true })
  for (const { Id } of await docker.listNetworks(label)) await docker.getNetwork(Id).remove()
  for (const { Name } of (await docker.listVolumes(label)).Volumes ?? [])
    await docker.getVolume(Name).remove()
}
