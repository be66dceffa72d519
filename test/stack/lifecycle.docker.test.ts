import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import type Docker from 'dockerode'
import { afterEach, expect, inject, test } from 'vitest'
import { startRegistry } from './registry.ts'
import { describeDocker, idle, openStackTest, type StackTest, until } from './support.ts'

let opened: StackTest | undefined
const open = (services: string, options?: Parameters<typeof openStackTest>[1]) => {
  opened = openStackTest({ 'compose.yaml': services }, options)
  return opened
}
afterEach(async () => {
  await opened?.close()
  opened = undefined
})
const stateOf = async ({ stack }: StackTest, name: string) =>
  (await stack.get({}, {})).services.find((service) => service.name === name)

describeDocker('up', () => {
  test('waits for what a service needs, and a second time does nothing', async () => {
    const { act, docker, project, stack } = open(`
services:
  migrate:
    image: busybox
    command: [sh, -c, 'sleep 0.3; exit 0']
  cache:
    image: atlas-test/redis:7
    healthcheck: {test: [CMD, redis-cli, ping], interval: 300ms, retries: 50}
  api:
    ${idle}
    depends_on:
      migrate: {condition: service_completed_successfully}
      cache: {condition: service_healthy}
    networks: {default: {aliases: [front]}, back: {}}
    volumes: ['kept:/kept', '/scratch']
    secrets: [token]
    configs: [{source: text, target: /etc/text, mode: 0400}]
    tmpfs: ['/fast:size=1m']
    deploy: {resources: {limits: {memory: 32m, cpus: '0.5', pids: 50}}}
secrets:
  token: {environment: TOKEN}
configs:
  text: {content: 'hello $$'}
networks: {back: {internal: true}}
volumes: {kept: {}}
`)
    opened?.write({ '.env': 'TOKEN=t0ken\n' })
    expect(await act('up')).toMatchObject({ status: 'succeeded', detail: '3 made' })
    const times = await Promise.all(
      ['migrate', 'cache', 'api'].map(
        async (name) => (await docker.getContainer(`${project}-${name}-1`).inspect()).State,
      ),
    )
    const [migrate, , api] = times
    expect(Date.parse(api?.StartedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(migrate?.FinishedAt ?? ''))

    const seen = await read(
      docker,
      `${project}-api-1`,
      'cat /run/secrets/token /etc/text; stat -c %a /etc/text; df -m /fast | tail -1 | tr -s " " | cut -d" " -f2',
    )
    expect(seen).toBe('t0kenhello $400\n1\n')

    const info = await docker.getContainer(`${project}-api-1`).inspect()
    expect(info.HostConfig).toMatchObject({ Memory: 33_554_432, NanoCpus: 500_000_000, PidsLimit: 50 })
    expect(Object.keys(info.NetworkSettings.Networks).sort()).toEqual([
      `${project}_back`,
      `${project}_default`,
    ])
    expect(info.NetworkSettings.Networks[`${project}_default`]?.Aliases).toContain('front')

    expect(await stack.plan({}, {})).toMatchObject({ steps: { length: 6 } })
    expect((await act('up')).detail).toBe('1 started, 2 left as they are')
  })

  test('replaces what changed, keeps its volumes, and names orphans without touching them', async () => {
    const first = `
services:
  a:
    ${idle}
    volumes: ['kept:/kept', '/anonymous']
  b:
    ${idle}
  old:
    ${idle}
volumes: {kept: {}}
`
    const { act, docker, project, stack, write } = open(first)
    await act('up')
    const before = await docker.getContainer(`${project}-a-1`).inspect()
    const unchanged = await docker.getContainer(`${project}-b-1`).inspect()
    const next = first
      .replace(/ {2}old:[\s\S]*?5s\n/, '')
      .replace("'/anonymous']", "'/anonymous']\n    environment: {NEW: '1'}")
    write({ 'compose.yaml': next })
    const plan = await stack.plan({}, {})
    expect(plan.orphans).toEqual(['old'])
    expect(plan.steps.find(({ name }) => name === 'a')).toMatchObject({
      action: 'recreate',
      changes: [{ field: 'environment.NEW', before: null, after: '1' }],
      keptVolumes: [`${project}_kept`],
    })
    expect((await act('up')).detail).toBe('1 replaced, 1 left as they are; no file knows old, which was left')
    const after = await docker.getContainer(`${project}-a-1`).inspect()
    expect(after.Id).not.toBe(before.Id)
    const mounts = (info: typeof after) => info.Mounts.map(({ Name }) => Name).sort()
    expect(mounts(after)).toEqual(mounts(before))
    expect(await docker.getContainer(`${project}-b-1`).inspect()).toMatchObject({ Id: unchanged.Id })
    expect((await act('up', { shouldRemoveOrphans: true })).detail).toBe('2 left as they are, 1 removed')
  })

  test('scales, shares a network and takes a service down to fewer containers', async () => {
    const file = (scale: number) => `
services:
  a: {image: busybox, command: [sleep, "100000"], init: true, scale: ${scale}}
  b: {image: busybox, command: [sleep, "100000"], init: true, network_mode: 'service:a'}
`
    const { act, docker, project, write } = open(file(3))
    expect((await act('up')).detail).toBe('4 made')
    const { Id } = await docker.getContainer(`${project}-a-1`).inspect()
    expect((await docker.getContainer(`${project}-b-1`).inspect()).HostConfig.NetworkMode).toBe(
      `container:${Id}`,
    )
    write({ 'compose.yaml': file(1) })
    expect((await act('up')).detail).toBe('2 left as they are, 2 removed')
  })

  test('fails with the service, its exit and its last health check; what it needs runs on', async () => {
    const test = open(`
services:
  sick:
    ${idle}
    healthcheck: {test: [CMD-SHELL, 'echo no luck; exit 3'], interval: 200ms, retries: 2}
  after:
    ${idle}
    depends_on: {sick: {condition: service_healthy}}
`)
    expect(await test.act('up')).toMatchObject({
      status: 'failed',
      error: {
        code: 'SERVICE_FAILED',
        message: 'sick is unhealthy',
        data: { object: 'sick', detail: 'Its last health check answered 3: no luck' },
      },
    })
    expect(await stateOf(test, 'sick')).toMatchObject({ state: 'unhealthy' })
    expect(await stateOf(test, 'after')).toMatchObject({ state: 'created' })

    test.write({
      'compose.yaml': `services:\n  once: {image: busybox, command: [sh, -c, 'exit 7']}\n  then:\n    ${idle}\n    depends_on: {once: {condition: service_completed_successfully}}\n`,
    })
    expect((await test.act('up')).error).toMatchObject({
      message: 'once ended with 7',
      data: { sqlState: '7' },
    })
  })

  test('pulls an image that a registry has, once, and again when asked', async () => {
    const registry = await startRegistry('tools/greeting', { path: 'greeting.txt', text: 'hello' })
    const { act, docker } = open(`services: {a: {image: "${registry.image}"}}`)
    try {
      expect(await act('pull')).toMatchObject({ status: 'succeeded' })
      const { RepoTags } = await docker.getImage(registry.image).inspect()
      expect(RepoTags).toContain(registry.image)
      expect(registry.asked.filter((path) => path.includes('/blobs/')).length).toBe(2)
      expect(await act('pull')).toMatchObject({ status: 'succeeded' })
      // What is there already is not sent again.
      expect(registry.asked.filter((path) => path.includes('/blobs/')).length).toBe(2)
    } finally {
      registry.close()
      await docker
        .getImage(registry.image)
        .remove()
        .catch(() => {})
    }
  })

  test('names an image that nobody gives, and leaves nothing half made', async () => {
    const { act, docker, project } = open('services: {a: {image: "localhost:1/nobody/has:this"}}')
    expect((await act('up')).error).toMatchObject({
      code: 'IMAGE_NOT_FOUND',
      data: { object: 'localhost:1/nobody/has:this' },
    })
    const label = { filters: { label: [`com.docker.compose.project=${project}`] } }
    expect(await docker.listContainers({ all: true, ...label })).toEqual([])
  })

  test('builds, and builds again when asked', async () => {
    const { act, docker, project, stack, write } = open(
      'services: {a: {build: {context: app, args: {WHO: you}, labels: {l: "1"}}, command: [sleep, "100000"], init: true}}',
    )
    write({
      'app/Dockerfile': 'FROM busybox\nARG WHO\nENV WHO=$WHO\nCOPY . /all\n',
      'app/f': 'one',
      'app/.dockerignore': 'secret\n**/*.log\n!sub/kept\n',
      'app/sub/kept': '',
      'app/sub/noise.log': '',
      'app/secret': 'x',
    })
    expect(await act('up')).toMatchObject({ status: 'succeeded', detail: '1 made' })
    const image = await docker.getImage(`${project}-a`).inspect()
    expect(image.Config.Env).toContain('WHO=you')
    expect(await read(docker, `${project}-a-1`, 'ls -a /all /all/sub')).toBe(
      '/all:\n.\n..\n.dockerignore\nDockerfile\nf\nsub\n\n/all/sub:\n.\n..\nkept\n',
    )
    write({ 'app/f': 'two' })
    expect(await stack.plan({}, {})).toMatchObject({ builds: ['a'], isCurrent: true })
    const { steps } = await stack.plan({ shouldBuild: true }, {})
    expect(steps.find(({ action }) => action === 'build')).toMatchObject({ kind: 'image' })
    expect((await act('up', { shouldBuild: true })).detail).toBe('1 replaced')
    write({ 'app/Dockerfile': 'FROM busybox\nCOPY missing /f\n' })
    expect((await act('build')).error).toMatchObject({
      code: 'SERVICE_FAILED',
      data: { saved: expect.stringContaining('stays') },
    })
    await act('down')
    await docker.getImage(`${project}-a`).remove({ force: true })
    // A folder that is not the project's is read by nobody who was not asked.
    write({ 'compose.yaml': 'services: {a: {build: ../other}}' })
    for (const name of ['build', 'up'] as const)
      await expect(act(name)).rejects.toMatchObject({
        code: 'CONFIRMATION_NEEDED',
        fault: { detail: expect.stringMatching(/a\.build\.context: .*other lies outside/) },
      })
  })
})

describeDocker('what happens to containers', () => {
  test('killed, paused, out of memory: each is told apart', async () => {
    const test = open(`
services:
  killed:
    ${idle}
  paused:
    ${idle}
  hungry:
    image: busybox
    command: [sh, -c, 'dd if=/dev/zero of=/dev/shm/x bs=1M count=40']
    mem_limit: 16m
    memswap_limit: 16m
    shm_size: 60m
`)
    await test.act('up')
    await test.docker.getContainer(`${test.project}-killed-1`).kill()
    await test.docker.getContainer(`${test.project}-paused-1`).pause()
    expect(
      await until(
        () => stateOf(test, 'hungry'),
        // The engine hears of the memory from the kernel, which may come after the end.
        (service) => service?.state === 'exited' && !service.reason.includes('by hand'),
      ),
    ).toMatchObject({
      reason: 'the engine killed it for want of memory (137)',
    })
    expect(await stateOf(test, 'killed')).toMatchObject({
      state: 'exited',
      reason: expect.stringContaining('137'),
    })
    expect(await stateOf(test, 'paused')).toMatchObject({ state: 'paused' })
    expect((await test.act('start', { services: ['paused', 'killed'] })).detail).toBe('2 started')
    expect(await stateOf(test, 'paused')).toMatchObject({ state: 'running' })
  })

  test('an engine that goes away in the middle is said to be gone, and found when it is back', async () => {
    const proxy = await openProxy()
    try {
      const { act, stack } = open(
        `services:\n  a:\n    ${idle}\n    healthcheck: {test: [CMD, 'false'], interval: 100s}\n  b:\n    ${idle}\n    depends_on: {a: {condition: service_healthy}}\n`,
        { host: proxy.host },
      )
      expect((await stack.engine(undefined, {})).status).toBe('ready')
      const going = act('up')
      await until(
        async () => (await stack.get({}, {})).services[0]?.state,
        (state) => state === 'starting',
      )
      await proxy.stop()
      expect((await going).error).toMatchObject({ code: 'DOCKER_UNAVAILABLE' })
      expect(await stack.engine(undefined, {})).toMatchObject({
        status: 'failing',
        fault: { next: expect.any(String) },
      })
      expect((await stack.get({}, {})).services.map(({ state }) => state)).toEqual(['absent', 'absent'])
      await proxy.start()
      expect((await stack.get({}, {})).services.map(({ state }) => state)).toEqual(['starting', 'created'])
    } finally {
      await proxy.stop()
    }
  })
})

describeDocker('down', () => {
  test('leaves volumes, removes those that are named, and never one of another project', async () => {
    const { act, docker, project } = open(
      `services:\n  a:\n    ${idle}\n    volumes: ['one:/1', 'two:/2']\nvolumes: {one: {}, two: {}}\n`,
    )
    await act('up')
    expect((await act('removeVolumes', { volumes: [`${project}_one`] })).error).toMatchObject({
      code: 'CONFLICT',
    })
    await docker.createVolume({ Name: `${project}-foreign` })
    expect((await act('down', { volumes: [`${project}-foreign`] })).error).toMatchObject({
      code: 'CONFLICT',
      message: `The volume ${project}-foreign is not one of this project`,
    })
    expect((await act('down', { volumes: [`${project}_one`] })).detail).toBe(
      '1 containers and 1 networks removed; 1 volumes removed',
    )
    const names = ((await docker.listVolumes()).Volumes ?? []).map(({ Name }) => Name)
    expect(names).toContain(`${project}_two`)
    expect(names).not.toContain(`${project}_one`)
    await docker.getVolume(`${project}-foreign`).remove()
  })

  test('acts on a project whose files are gone, by its labels', async () => {
    const { act, project, write } = open(
      `services:\n  a:\n    ${idle}\n  b:\n    ${idle}\n    depends_on: [a]\n`,
    )
    await act('up')
    write({ 'compose.yaml': 'services: {' })
    expect((await act('stop', { project })).detail).toBe('2 stopped')
    expect((await act('down', { project })).detail).toBe('2 containers and 1 networks removed')
  })
})

/** A way to the engine that can be cut and mended. */
async function openProxy() {
  const docker = inject('docker')
  const real = (docker.host ?? '').replace('unix://', '')
  const path = join('/tmp', `atlas-proxy-${process.pid}-${Math.random().toString(36).slice(2)}.sock`)
  const sockets = new Set<Socket>()
  const { connect } = await import('node:net')
  const server = createServer((client) => {
    const upstream = connect(real)
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one)
      one.on('error', () => {})
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
    }
    client.pipe(upstream).pipe(client)
  })
  const start = () => new Promise<void>((resolve) => server.listen(path, resolve))
  await start()
  return {
    host: `unix://${path}`,
    start,
    stop: async () => {
      if (!server.listening) return
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** What a command prints in a container. */
async function read(docker: Docker, container: string, command: string): Promise<string> {
  const exec = await docker.getContainer(container).exec({ Cmd: ['sh', '-c', command], AttachStdout: true })
  const stream = await exec.start({})
  const out = new PassThrough()
  docker.modem.demuxStream(stream, out, process.stderr)
  stream.once('end', () => out.end())
  return text(out)
}
