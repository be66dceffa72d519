import { readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { describeDocker, idle, openStackTest, type StackTest } from './support.ts'

let opened: StackTest | undefined
afterEach(async () => {
  await opened?.close()
  opened = undefined
})

describeDocker('before up', () => {
  test('says who holds a port, writes a free one and generated passwords to .env, and then comes up', async () => {
    const holder = createServer()
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
    const { port } = holder.address() as { port: number }
    opened = openStackTest({
      'compose.yaml': `
services:
  web:
    ${idle}
    environment: {SECRET: '\${WEB_PASSWORD:?set WEB_PASSWORD}'}
    ports: ['127.0.0.1:\${WEB_PORT:-${port}}:80']
  minio:
    image: \${MINIO_IMAGE:-minio/minio}
    profiles: [never]
`,
      '.env.example': `# The password of the web. Required.\nWEB_PASSWORD=\nWEB_NAME=web\n`,
    })
    const { stack, folder, act } = opened
    try {
      const before = await stack.doctor({}, {})
      expect(before.find(({ check }) => check === 'secrets')).toMatchObject({
        status: 'fail',
        fix: { id: 'secrets', label: 'Make .env from .env.example' },
      })
      // What has no value is said once.
      expect(before.filter(({ message }) => message.includes('WEB_PASSWORD'))).toHaveLength(1)
      await expect(stack.fix({ id: 'set:PATH=/evil' }, {})).rejects.toMatchObject({ code: 'CONFLICT' })
      expect((await stack.fix({ id: 'secrets' }, {})).written).toEqual(['WEB_PASSWORD'])
      const file = join(folder, '.env')
      expect(readFileSync(file, 'utf8')).toMatch(
        /^# The password of the web\. Required\.\nWEB_PASSWORD=[A-Za-z0-9_-]{32}\nWEB_NAME=web\n$/,
      )
      expect(statSync(file).mode & 0o777).toBe(0o600)

      const ports = (await stack.doctor({}, {})).filter(({ check }) => check === 'ports')
      expect(ports).toMatchObject([{ status: 'fail', object: `127.0.0.1:${port}` }])
      expect(ports[0]?.message).toContain(`(process ${process.pid})`)
      expect((await act('up')).error).toMatchObject({ code: 'PORT_TAKEN', data: { object: 'web' } })
      expect(opened.kept).toEqual([])
      await stack.fix({ id: ports[0]?.fix?.id ?? '' }, {})
      expect(opened.kept).toMatchObject([{ path: file, text: expect.not.stringContaining('WEB_PORT') }])
      expect(readFileSync(file, 'utf8')).toMatch(/WEB_PORT=\d+\n$/)

      expect((await stack.doctor({}, {})).filter(({ status }) => status === 'fail')).toEqual([])
      expect(await act('up')).toMatchObject({ status: 'succeeded' })
      // Its own port is no clash.
      expect((await stack.doctor({}, {})).find(({ check }) => check === 'ports')).toMatchObject({
        status: 'pass',
      })

      const images = (await stack.doctor({ profiles: ['never'] }, {})).filter(
        ({ check }) => check === 'images',
      )
      expect(images).toMatchObject([
        {
          status: 'fail',
          object: 'minio/minio',
          fix: { id: expect.stringMatching(/^set:MINIO_IMAGE=pgsty\/minio/) },
        },
      ])
    } finally {
      holder.close()
    }
  })

  test('asks before a container gets power over the machine, and refuses known passwords outside local', async () => {
    opened = openStackTest(
      {
        'compose.yaml': `services:\n  a:\n    ${idle}\n    volumes: ['/etc:/host:ro']\n    environment: {P: '\${A_PASSWORD}'}\n`,
        '.env': 'A_PASSWORD=changethis\n',
      },
      { isLocal: false },
    )
    const { act, stack, write } = opened
    await expect(act('up')).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: 'A_PASSWORD is changethis',
    })
    write({ '.env': 'A_PASSWORD=another\n' })
    const { questions } = await stack.plan({}, {})
    expect(questions).toMatchObject([{ service: 'a', field: 'volumes.0' }])
    await expect(act('up')).rejects.toMatchObject({
      code: 'CONFIRMATION_NEEDED',
      fault: { object: questions[0]?.id },
    })
    expect(await act('up', { accept: [questions[0]?.id] })).toMatchObject({ status: 'succeeded' })
    const [plain] = await stack.drift({}, {})
    expect(plain).toMatchObject({ status: 'same' })
  })

  test('without an engine it says what was looked at and what to do', async () => {
    opened = openStackTest(
      { 'compose.yaml': `services: {a: {image: x}}` },
      { host: 'unix:///nowhere/docker.sock' },
    )
    const { stack, act } = opened
    expect(await stack.engine(undefined, {})).toMatchObject({
      status: 'failing',
      tried: [{ source: 'DOCKER_HOST', address: 'unix:///nowhere/docker.sock', outcome: 'no such socket' }],
      fault: { next: expect.stringContaining('DOCKER_HOST') },
    })
    expect(await stack.doctor({}, {})).toMatchObject([
      { check: 'engine', status: 'fail' },
      { check: 'file' },
      { check: 'secrets' },
    ])
    expect((await act('up')).error).toMatchObject({ code: 'DOCKER_UNAVAILABLE' })
  })
})
