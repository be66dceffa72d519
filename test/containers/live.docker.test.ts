import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { textOf } from '../../src-main/containers/live/frames.ts'
import { type LiveStack, openLiveStack } from './support.ts'

const docker = inject('docker')
const project = `atlas-live-${process.pid}`
const postgres = {
  image: 'atlas-test/postgres:15',
  variables: ['POSTGRES_USER=u', 'POSTGRES_PASSWORD=first', 'POSTGRES_DB=d'],
  volume: { name: `${project}_db`, target: '/var/lib/postgresql/data' },
  port: 5432,
}
const everything = { isRegex: false, isCaseSensitive: false, isOnlyMatching: true }

describe.skipIf(docker.host === undefined)('a stack that runs', () => {
  let stack: LiveStack
  beforeAll(async () => {
    stack = await openLiveStack(docker.host ?? '', project)
    await (await stack.make('db', { ...postgres, health: 'pg_isready -U u -d d' })).start()
    await (
      await stack.make('cache', {
        image: 'atlas-test/redis:7',
        command: ['redis-server', '--requirepass', 'pw'],
        volume: { name: `${project}_cache`, target: '/data' },
        port: 6379,
      })
    ).start()
    await stack.make('app', {
      image: 'busybox:latest',
      command: [
        'sh',
        '-c',
        'i=0; while true; do i=$((i+1)); echo "line $i"; [ $((i % 50)) = 0 ] && sleep 0.05; done',
      ],
      dependsOn: 'db:service_healthy:false',
    })
  })
  afterAll(() => stack?.close())

  const service = (name: string) =>
    stack.until((snapshot) => snapshot.services.find((one) => one.name === name))
  const idOf = async (name: string) => (await service(name)).containers[0]?.id ?? ''
  const inside = async (name: string, command: string[], variables: string[] = []) => {
    const id = await idOf(name)
    return stack.withDocker(async (engine) => {
      const exec = await engine
        .getContainer(id)
        .exec({ Cmd: command, Env: ['PAGER=cat', ...variables], AttachStdout: true, Tty: true })
      const stream = await exec.start({ Tty: true, hijack: false })
      const chunks: Buffer[] = []
      for await (const chunk of stream) chunks.push(chunk as Buffer)
      return Buffer.concat(chunks).toString().trim()
    })
  }
  const psql = (statement: string) => inside('db', ['psql', '-U', 'u', '-d', 'd', '-Atc', statement])
  const redis = (...command: string[]) => inside('cache', ['redis-cli', ...command], ['REDISCLI_AUTH=pw'])

  test('names the edge that blocks until the database is healthy, and each ready by its own probe', async () => {
    const blocked = await stack.until(({ edges }) => edges.find(({ isBlocking }) => isBlocking))
    expect(blocked.says).toContain('app waits until db is healthy')
    const ready = await stack.until(
      ({ services }) => services.filter(({ status }) => status === 'ready').length >= 2 && services,
    )
    const [db, cache] = ['db', 'cache'].map((name) => ready.find((one) => one.name === name)?.containers[0])
    expect(db?.kind).toBe('postgres')
    expect(db?.steps.map(({ label, status }) => `${label}: ${status}`)).toEqual([
      'Container runs: succeeded',
      'Answers a query: succeeded',
      'Recovery is over: succeeded',
      'Schema version: succeeded',
      'Health check says healthy: succeeded',
    ])
    expect(cache?.steps.map(({ label }) => label)).toContain('Answers PING with its password')
    expect(db?.readyAfterMs).toBeGreaterThan(0)
  })

  test('follows the log over restarts: every line that the engine has, once, in its order', async () => {
    const id = await idOf('app')
    const container = await stack.withDocker(async (engine) => engine.getContainer(id))
    const abort = new AbortController()
    const filter = { ...everything, services: ['app'] }
    let newest = { viewId: '', rows: 0 }
    const watching = (async () => {
      for await (const summary of await stack.logs.watch({ project, filter }, { signal: abort.signal }))
        newest = summary
    })()
    await container.start()
    for (let round = 0; round < 3; round++) {
      const rows = newest.rows
      await expect.poll(() => newest.rows, { timeout: 20_000 }).toBeGreaterThan(rows + 200)
      await container.restart({ t: 0 })
    }
    await expect.poll(() => newest.rows, { timeout: 20_000 }).toBeGreaterThan(500)
    await container.stop({ t: 0 })
    const truth = textOf((await container.logs({ stdout: true, stderr: true })) as unknown as Buffer, false)
      .trimEnd()
      .split('\n')
    await expect.poll(() => newest.rows, { timeout: 20_000 }).toBe(truth.length)
    const parts: string[] = []
    for await (const part of await stack.logs.export({ viewId: newest.viewId }, {})) parts.push(part)
    const found = parts.join('').trimEnd().split('\n')
    expect(found.map((line) => line.replace(/^\S+ app /, ''))).toEqual(truth)
    abort.abort()
    await watching
  })

  test('says what runs on a database before it is stopped, and cancels it', async () => {
    void psql('begin; select pg_sleep(300) as slow').catch(() => {})
    await expect
      .poll(
        async () =>
          (await stack.containers.listWork({ project, service: 'db' }, {}))
            .map(({ detail }) => detail)
            .join(),
        {
          timeout: 20_000,
        },
      )
      .toContain('pg_sleep')
    const refused = stack.containers.stop({ project, service: 'db', mode: 'onlyIfIdle' }, {})
    await expect(refused).rejects.toMatchObject({ code: 'CONFIRMATION_NEEDED' })
    const { jobId } = await stack.containers.stop({ project, service: 'db', mode: 'cancel' }, {})
    expect(await stack.jobs.finished(jobId)).toMatchObject({
      status: 'succeeded',
      detail: expect.stringContaining('1 sessions'),
    })
    await stack.until(({ services }) =>
      services.find(({ name, status }) => name === 'db' && status === 'stopped'),
    )
    const id = await idOf('db')
    await stack.withDocker((engine) => engine.getContainer(id).start())
    await stack.until(({ services }) =>
      services.find(({ name, status }) => name === 'db' && status === 'ready'),
    )
  })

  test('stops a database by force with what is open on it, and that is rolled back', async () => {
    void psql('begin; create table forced (); select pg_sleep(300) as open').catch(() => {})
    await expect
      .poll(
        async () =>
          (await stack.containers.listWork({ project, service: 'db' }, {})).map(({ detail }) => detail),
        { timeout: 20_000 },
      )
      .toContainEqual(expect.stringContaining('as open'))
    const { jobId } = await stack.containers.stop({ project, service: 'db', mode: 'force' }, {})
    expect(await stack.jobs.finished(jobId)).toMatchObject({ status: 'succeeded' })
    await stack.until(({ services }) =>
      services.find(({ name, status }) => name === 'db' && status === 'stopped'),
    )
    const id = await idOf('db')
    await stack.withDocker((engine) => engine.getContainer(id).start())
    await stack.until(({ services }) =>
      services.find(({ name, status }) => name === 'db' && status === 'ready'),
    )
    expect(await psql("select to_regclass('forced') is null")).toBe('t')
  })

  test('keeps all volumes at one instant and puts them back as one act', async () => {
    await psql('create table kept (n int); insert into kept select generate_series(1, 1000)')
    await redis('set', 'kept', 'one')
    const taken = await stack.checkpoints.create({ project, name: 'first' }, {})
    expect(await stack.jobs.finished(taken.jobId)).toMatchObject({ status: 'succeeded' })
    await psql('drop table kept')
    await redis('set', 'kept', 'two')
    const wrong = stack.checkpoints.restore({ project, name: 'first', confirm: 'no' }, {})
    await expect(wrong).rejects.toMatchObject({ code: 'CONFIRMATION_NEEDED' })
    const { jobId } = await stack.checkpoints.restore({ project, name: 'first', confirm: project }, {})
    expect(await stack.jobs.finished(jobId)).toMatchObject({ status: 'succeeded' })
    await stack.until(({ services }) => services.filter(({ status }) => status === 'ready').length >= 2)
    expect(await psql('select count(*) from kept')).toBe('1000')
    expect(await redis('get', 'kept')).toContain('one')
    const names = (await stack.checkpoints.list({ project }, {})).map(({ name }) => name)
    expect(names).toEqual([expect.stringMatching(/^before-first-/), 'first'])
  }, 120_000)

  test('opens a shell, lists and writes files', async () => {
    const id = await idOf('cache')
    const abort = new AbortController()
    let text = ''
    for await (const event of await stack.shell.open(
      { id, columns: 80, rows: 24 },
      { signal: abort.signal },
    )) {
      if (event.kind === 'opened')
        await stack.shell.write({ shellId: event.shellId, text: 'echo $((6*7))\n' }, {})
      if (event.kind === 'output') text += event.text
      if (/\n42/.test(text)) abort.abort()
    }
    expect(text).toMatch(/\r\n42/)
    await inside('cache', [
      'sh',
      '-c',
      'printf "a\\n" > "/tmp/with blank.txt"; chmod 640 "/tmp/with blank.txt"',
    ])
    await stack.files.write({ id, path: '/tmp/with blank.txt', text: 'ünï\n' }, {})
    const { entries } = await stack.files.list({ id, path: '/tmp' }, {})
    expect(entries.find(({ name }) => name === 'with blank.txt')).toMatchObject({
      kind: 'file',
      sizeBytes: 6,
      mode: '640',
      change: 'added',
    })
    expect(await stack.files.read({ id, path: '/tmp/with blank.txt' }, {})).toMatchObject({
      text: 'ünï\n',
      isCut: false,
    })

    await inside('cache', ['sh', '-c', 'mkdir /tmp/images; chown 70:71 /tmp/images'])
    const bytes = Buffer.from([0, 1, 255, 254])
    const upload = (path: string, shouldOverwrite = false) =>
      stack.files.upload({ id, path, base64: bytes.toString('base64'), shouldOverwrite }, {})
    expect(await upload('/tmp/images/logo')).toEqual({ sizeBytes: 4 })
    const owner = ['stat', '-c', '%u:%g %a %s', '/tmp/images/logo', '/tmp/with blank.txt']
    expect(await inside('cache', owner)).toMatch(/^70:71 644 4\r?\n\d+:\d+ 640 6$/)
    const pieces = []
    for await (const piece of await stack.files.export({ id, path: '/tmp/images/logo' }, {}))
      pieces.push(piece)
    expect(Buffer.from(pieces.join(''), 'base64')).toEqual(bytes)
    // What is there is written over only where that was said, and keeps its mode.
    await expect(upload('/tmp/with blank.txt')).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await stack.files.read({ id, path: '/tmp/with blank.txt' }, {})).toMatchObject({ text: 'ünï\n' })
    await upload('/tmp/with blank.txt', true)
    expect(await inside('cache', owner)).toMatch(/640 4$/)
    await expect(upload('/tmp/images', true)).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    await expect(upload('/tmp/nowhere/logo')).rejects.toMatchObject({ fault: { sqlState: '404' } })
  })

  test('looks into a volume, clones it, and replaces what is in the clone by an export', async () => {
    const [name, to] = [`${project}_cache`, `${project}_copy`]
    await redis('set', 'volume', 'kept')
    await redis('save')
    // More than what a stream holds on its way.
    await inside('cache', ['dd', 'if=/dev/zero', 'of=/data/large', 'bs=1M', 'count=4'])
    const { entries } = await stack.volumes.listFiles({ name, path: '/' }, {})
    expect(entries).toMatchObject([
      { name: 'dump.rdb', kind: 'file' },
      { name: 'large', kind: 'file', sizeBytes: 4 * 1024 ** 2 },
    ])
    expect(await stack.volumes.readFile({ name, path: '/dump.rdb' }, {})).toMatchObject({ text: null })
    const done = async ({ jobId }: { jobId: string }) => stack.jobs.finished(jobId)
    expect(await done(await stack.volumes.clone({ name, to }, {}))).toMatchObject({ status: 'succeeded' })
    await expect(stack.volumes.clone({ name, to }, {})).rejects.toMatchObject({ code: 'CONFLICT' })
    expect((await service('cache')).status).toBe('ready')
    const { detail, status } = await done(await stack.volumes.export({ name: to }, {}))
    expect(status).toBe('succeeded')
    const file = detail.replace(/^.* in /, '')

    const replace = (input: { name: string; file: string; confirm: string }) =>
      stack.volumes.import(input, {})
    await expect(replace({ name: to, file, confirm: '' })).rejects.toMatchObject({
      code: 'CONFIRMATION_NEEDED',
    })
    await expect(replace({ name, file, confirm: name })).rejects.toMatchObject({ code: 'CONFLICT' })
    const cut = `${file}.cut`
    writeFileSync(cut, readFileSync(file).subarray(0, -40))
    expect((await done(await replace({ name: to, file: cut, confirm: to }))).error?.code).toBe(
      'FILE_UNREADABLE',
    )
    expect((await stack.volumes.listFiles({ name: to, path: '/' }, {})).entries).toEqual(entries)
    const replaced = await done(await replace({ name: to, file, confirm: to }))
    expect(replaced).toMatchObject({ status: 'succeeded', detail: expect.stringContaining('before-import-') })
    expect((await stack.volumes.listFiles({ name: to, path: '/' }, {})).entries).toEqual(entries)
  })

  test('a container that compose did not make is not touched, and a volume not without its name', async () => {
    const foreign = await stack.withDocker((engine) =>
      engine.createContainer({ Image: 'busybox:latest', Cmd: ['true'], HostConfig: { NetworkMode: 'none' } }),
    )
    try {
      for (const call of [
        () => stack.containers.describe({ id: foreign.id }, {}),
        () => stack.containers.pause({ id: foreign.id, isPaused: true }, {}),
        () => stack.files.list({ id: foreign.id, path: '/' }, {}),
      ])
        await expect(call()).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    } finally {
      await foreign.remove()
    }
    const name = `${project}_cache`
    await expect(stack.containers.removeVolume({ name, confirm: '' }, {})).rejects.toMatchObject({
      code: 'CONFIRMATION_NEEDED',
    })
    await expect(stack.containers.removeVolume({ name, confirm: name }, {})).rejects.toMatchObject({
      code: 'CONFLICT',
    })
    const volume = (await stack.containers.listVolumes({ project }, {})).find((one) => one.name === name)
    expect(volume).toMatchObject({ usedBy: ['cache'], lastWriteAt: expect.any(Date) })
  })
})
