import { afterEach, expect, test } from 'vitest'
import { describeCompose, idle, openStackTest, type StackTest } from './support.ts'

// Both versions of compose read this file.
const file = `
services:
  db:
    image: atlas-test/postgres:15
    environment: {POSTGRES_PASSWORD: secret, POSTGRES_DB: app}
    volumes: ['data:/var/lib/postgresql/data']
    healthcheck: {test: [CMD, pg_isready, -U, postgres, -d, app], interval: 500ms, timeout: 5s, retries: 100}
    stop_signal: SIGINT
  app:
    ${idle}
    depends_on:
      db: {condition: service_healthy}
    labels: {com.example.who: me}
volumes:
  data:
`
let opened: StackTest | undefined
const open = () => {
  opened = openStackTest({ 'compose.yaml': file })
  return opened
}
afterEach(async () => {
  await opened?.close()
  opened = undefined
})

describeCompose('docker-compose and Atlas on one stack', () => {
  test('compose manages what Atlas made: ps, logs, up-to-date, stop, down', async () => {
    const { act, compose, docker, project, stack } = open()
    expect(await act('up')).toMatchObject({ status: 'succeeded', detail: '2 made' })

    const listed = await compose('ps')
    expect(listed).toMatch(/db-1 .*Up \(healthy\)/)
    expect(listed).toMatch(/app-1 .*Up/)
    expect(await compose('logs', '--no-color', 'db')).toContain(
      'database system is ready to accept connections',
    )
    expect(await compose('up', '-d')).toMatch(/db-1 is up-to-date[\s\S]*app-1 is up-to-date/)

    const stopped = await compose('stop')
    expect(stopped).toContain('done')
    const { services } = await stack.get({}, {})
    expect(services.map(({ state }) => state)).toEqual(['exited', 'exited'])

    await compose('down', '--volumes')
    const label = { filters: { label: [`com.docker.compose.project=${project}`] } }
    expect(await docker.listContainers({ all: true, ...label })).toEqual([])
    expect(await docker.listNetworks(label)).toEqual([])
    expect((await docker.listVolumes(label)).Volumes ?? []).toEqual([])
  })

  test('Atlas manages what compose made, and replaces nothing that has not changed', async () => {
    const { act, compose, stack, write } = open()
    await compose('up', '-d')
    const before = await stack.get({}, {})
    expect(before.services.map(({ name, containers }) => [name, containers[0]?.isOurs])).toEqual([
      ['db', false],
      ['app', false],
    ])
    expect(await stack.drift({}, {})).toMatchObject([
      { service: 'db', status: 'same', changes: [] },
      { service: 'app', status: 'same', changes: [] },
    ])
    expect(await stack.plan({}, {})).toMatchObject({ isCurrent: true, orphans: [] })
    expect(await act('up')).toMatchObject({ detail: '2 left as they are' })

    write({ 'compose.yaml': file.replace('who: me', 'who: you') })
    const { steps } = await stack.plan({}, {})
    expect(steps.filter(({ kind }) => kind === 'service')).toMatchObject([
      { name: 'db', action: 'leave' },
      {
        name: 'app',
        action: 'recreate',
        changes: [{ field: 'labels.com.example.who', before: 'me', after: 'you' }],
      },
    ])
    expect(await act('up')).toMatchObject({ detail: '1 replaced, 1 left as they are' })

    expect(await act('restart', { services: ['app'] })).toMatchObject({ detail: '1 restarted' })
    expect(await act('stop')).toMatchObject({ detail: '2 stopped' })
    expect(await act('start')).toMatchObject({ detail: '2 started' })
    const data = before.volumes[0]?.name ?? ''
    expect(await act('down', { volumes: [data] })).toMatchObject({
      detail: '2 containers and 1 networks removed; 1 volumes removed',
    })
    expect(await compose('ps', '-q')).toBe('')
  })
})
