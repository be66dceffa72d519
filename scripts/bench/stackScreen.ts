import type Docker from 'dockerode'
import type { DockerEngine } from '../../src-main/adapters/docker.ts'
import { openWindow } from './browser.ts'
import { type Comparison, compare } from './harness.ts'

const project = 'atlasbenchscreen'
const changes = 40

/**
 * From the engine's event, by its own clock, to the words on the screen: a container is killed and started again and again
 * while the stack is shown. The reference is a bare client that hears of the event and inspects the container.
 */
export async function measureScreen(engine: DockerEngine, address: string): Promise<Comparison> {
  process.env.DOCKER_HOST = address
  const { page, atlas, close } = await openWindow()
  const docker = (await engine.find()).engine?.docker as Docker
  const container = await docker.createContainer({
    Image: 'busybox',
    Cmd: ['sleep', '100000'],
    Labels: {
      'com.docker.compose.project': project,
      'com.docker.compose.service': 'one',
      'com.docker.compose.container-number': '1',
      'com.docker.compose.oneoff': 'False',
    },
    HostConfig: { NetworkMode: 'none' },
  })
  const heard: { action: string; at: number; knownAt: number }[] = []
  const events = await docker.getEvents({ filters: { container: [container.id] } })
  events.on('data', async (chunk: Buffer) => {
    for (const line of chunk.toString('utf8').trim().split('\n')) {
      const { Action, timeNano } = JSON.parse(line) as { Action: string; timeNano: number }
      if (Action !== 'start' && Action !== 'die') continue
      await container.inspect()
      heard.push({ action: Action, at: timeNano / 1e6, knownAt: Date.now() })
    }
  })
  try {
    await page.goto(`${new URL(atlas.url).origin}/stack?project=${project}`)
    const says = (text: string) => page.locator('.view-head', { hasText: text }).waitFor()
    await container.start()
    await says('1 of 1 ready')
    await page.evaluate(`{
      window.shown = []
      const head = document.querySelector('.view-head')
      let last = true
      new MutationObserver(() => {
        const isReady = head.textContent.includes('1 of 1 ready')
        if (isReady === last) return
        last = isReady
        // What is drawn in this frame is seen at its end.
        requestAnimationFrame(() => window.shown.push({ isReady, at: Date.now() }))
      }).observe(head, { subtree: true, childList: true, characterData: true })
    }`)
    heard.length = 0
    for (let change = 0; change < changes; change++) {
      if (change % 2 === 0) await container.kill()
      else await container.start()
      await says(change % 2 === 0 ? 'Down' : '1 of 1 ready')
      // At any phase of what runs by the clock.
      await page.waitForTimeout(100 + Math.random() * 400)
    }
    const shown = await page.evaluate<{ isReady: boolean; at: number }[]>('window.shown')
    const screen = heard.map(({ at }, index) => (shown[index]?.at ?? Number.NaN) - at)
    const sorted = screen.toSorted((a, b) => a - b)
    console.log(
      `stack: ${screen.length} changes of state, on the screen ${Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0)} ms after the engine's event, ` +
        `p95 ${Math.round(sorted[Math.floor(sorted.length * 0.95)] ?? 0)} ms, the longest ${Math.round(sorted.at(-1) ?? 0)} ms`,
    )
    return compare(
      "state on the screen after the engine's event, against a bare client",
      screen,
      heard.map(({ at, knownAt }) => knownAt - at),
    )
  } finally {
    ;(events as { destroy?: () => void }).destroy?.()
    await container.remove({ force: true })
    await close()
  }
}
