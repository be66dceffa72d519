import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pack } from 'tar-stream'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createContainerShell } from '../../src-main/containers/inside/shell.ts'
import { type LiveStack, openLiveStack } from './support.ts'

const docker = inject('docker')
const project = `atlas-debug-${process.pid}`
const bareImage = `${project}-bare:1`
// As compose labels what it builds: a container of it would be taken for one of the service.
const toolsImage = `${project}-tools:1`
const size = { columns: 200, rows: 24 }

describe.skipIf(docker.host === undefined)('a container whose image has no shell', () => {
  let stack: LiveStack
  let id: string

  beforeAll(async () => {
    stack = await openLiveStack(docker.host ?? '', project)
    await build(bareImage, 'FROM scratch\nCOPY sleep /sleep\nENTRYPOINT ["/sleep", "600"]\n')
    await build(
      toolsImage,
      `FROM busybox\nLABEL com.docker.compose.project=${project} com.docker.compose.service=tools\n`,
    )
    const bare = await stack.make('bare', { image: bareImage })
    await bare.start()
    id = bare.id
    await stack.make('tools', { image: toolsImage, command: ['true'] })
  })
  afterAll(async () => {
    await stack?.close()
    for (const image of [bareImage, toolsImage])
      await stack?.withDocker((engine) => engine.getImage(image).remove({ force: true }))
  })

  async function build(tag: string, dockerfile: string): Promise<void> {
    const context = pack()
    context.entry({ name: 'Dockerfile' }, dockerfile)
    context.entry({ name: 'sleep', mode: 0o755 }, readFileSync('/bin/busybox'))
    context.finalize()
    await stack.withDocker(async (engine) => {
      const answer = await engine.buildImage(context as unknown as NodeJS.ReadableStream, { t: tag })
      await new Promise<void>((resolve, reject) =>
        engine.modem.followProgress(answer, (error) => (error ? reject(error) : resolve())),
      )
    })
  }
  const sidecars = () =>
    stack.withDocker((engine) =>
      engine.listContainers({ all: true, filters: { label: [`dev.atlas.project=${project}`] } }),
    )
  const untilNoneIsLeft = () => expect.poll(sidecars, { timeout: 30_000 }).toEqual([])

  test('says so, and from which images a debug shell can come', async () => {
    const open = async () => {
      for await (const _event of await stack.shell.open({ id, ...size }, {}));
    }
    await expect(open()).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      fault: { next: expect.stringContaining('debug shell') },
    })
    const images = await stack.shell.listDebugImages({ id }, {})
    expect(images[0]).toBe(toolsImage)
    expect(images).toContain('busybox:latest')
    expect(images).not.toContain(bareImage)
  })

  test('is looked into from beside it: its processes, its files, its network; nothing of it stays', async () => {
    const abort = new AbortController()
    const feed = await stack.shell.open({ id, image: toolsImage, ...size }, { signal: abort.signal })
    let text = ''
    for await (const event of feed) {
      if (event.kind === 'opened') {
        const script =
          'tr "\\0" " " < /proc/1/cmdline; test -x /proc/1/root/sleep && echo sees-$((6*7)); ip -o -4 addr show eth0; echo do""ne\n'
        await stack.shell.write({ shellId: event.shellId, text: script }, {})
      }
      if (event.kind === 'output') text += event.text
      if (!text.includes('done')) continue
      const [sidecar, ...more] = await sidecars()
      expect(more).toEqual([])
      expect(sidecar).toMatchObject({
        Image: toolsImage,
        Labels: {
          'dev.atlas.helper': 'debug-shell',
          'com.docker.compose.project': '',
          'com.docker.compose.service': '',
        },
      })
      const snapshot = await stack.containers.get({ project }, {})
      expect(
        snapshot.services.flatMap(({ containers }) => containers.map(({ name }) => name)).sort(),
      ).toEqual([`${project}-bare-1`, `${project}-tools-1`])
      expect(snapshot.projects.map(({ name }) => name)).not.toContain('')
      abort.abort()
    }
    const address = (await stack.withDocker((engine) => engine.getContainer(id).inspect())).NetworkSettings
      .Networks[`${project}_default`]?.IPAddress
    expect(text).toContain('/sleep 600')
    expect(text).toContain('sees-42')
    expect(text).toContain(`inet ${address}/`)
    await untilNoneIsLeft()
  })

  test('an image without a shell, one that is not here, and production are refused, and nothing is left', async () => {
    const open = async (image: string, shell = stack.shell) => {
      for await (const _event of await shell.open({ id, image, ...size }, {}));
    }
    await expect(open(bareImage)).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    await expect(open('nobody/has:this')).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' })
    const guarded = createContainerShell(stack.engine, { isProduction: true })
    await expect(open(toolsImage, guarded)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    await expect(guarded.listDebugImages({ id }, {})).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    await untilNoneIsLeft()
  })

  test('an Atlas that is killed leaves nothing beside it', async () => {
    const root = join(import.meta.dirname, '..', '..')
    const script = `
      const { openDocker } = await import('${root}/src-main/adapters/docker.ts')
      const { openSidecar } = await import('${root}/src-main/containers/inside/sidecar.ts')
      const engine = openDocker()
      const target = await engine.call('it', (docker) => docker.getContainer('${id}').inspect())
      const { id } = await openSidecar(engine, target, '${toolsImage}')
      process.stdout.write(id, () => process.kill(process.pid, 'SIGKILL'))`
    const printed = await new Promise<string>((resolve) =>
      execFile(
        process.execPath,
        ['--input-type=module', '-e', script],
        { env: { ...process.env, DOCKER_HOST: docker.host } },
        (_error, out, err) => resolve(out + err),
      ),
    )
    expect(printed).toMatch(/^[0-9a-f]{64}$/)
    await untilNoneIsLeft()
  })
})
