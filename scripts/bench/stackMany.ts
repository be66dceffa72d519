import { join } from 'node:path'
import { openDocker } from '../../src-main/adapters/docker.ts'
import { listContainers } from '../../src-main/stack/engine/containers.ts'
import { describeServices } from '../../src-main/stack/states.ts'
import { startFakeEngine } from '../../test/support/fakeEngine.ts'
import { composeContainer, type FakeContainer } from '../../test/support/fakeEngineViews.ts'
import { openWindow } from './browser.ts'
import { type Bench, type Comparison, compare, timed } from './harness.ts'

const many = 1000
const project = 'atlasbenchthousand'
const changes = 20

/**
 * A project of a thousand containers on an engine that has them in its inventory alone: the list against one bare call; then
 * the view, until it shows all of them, and from a change to the screen. Every tenth has ended, every fiftieth was killed.
 */
export async function measureMany({
  rounds,
  folder,
}: Pick<Bench, 'rounds' | 'folder'>): Promise<Comparison[]> {
  const fake = await startFakeEngine({ socket: join(folder, 'many.sock') })
  for (let index = 0; index < many; index++) {
    const rest: Partial<FakeContainer> =
      index % 10 === 9 ? { state: 'exited', exitCode: index % 50 === 49 ? 137 : 0 } : {}
    const made = composeContainer(project, `service-${String(index).padStart(4, '0')}`, rest)
    fake.containers.set(made.id, made)
  }
  try {
    return [await measureList(fake.address, rounds), await measureView(fake)]
  } finally {
    await fake.close()
  }
}

async function measureList(address: string, rounds: number): Promise<Comparison> {
  const [atlas, reference]: number[][] = [[], []]
  await openDocker({ DOCKER_HOST: address }).call('bench', async (docker) => {
    const known = { model: undefined, disabled: {} } as never
    const filters = { label: [`com.docker.compose.project=${project}`] }
    for (let round = 0; round < rounds + 1; round++) {
      const own = await timed(async () => describeServices(known, await listContainers(docker, project)))
      const bare = await timed(() => docker.listContainers({ all: true, filters }))
      // The first of each opens connections.
      if (round === 0) continue
      atlas?.push(own)
      reference?.push(bare)
    }
  })
  return compare(`stack ps of ${many} containers against one bare call`, atlas ?? [], reference ?? [])
}

async function measureView(fake: Awaited<ReturnType<typeof startFakeEngine>>): Promise<Comparison> {
  process.env.DOCKER_HOST = fake.address
  const window = await openWindow()
  const { page, atlas } = window
  const says = (text: string) => page.locator('.view-head', { hasText: text }).waitFor({ timeout: 60_000 })
  const running = [...fake.containers.values()].filter(({ state }) => state === 'running')
  try {
    await page.locator('.statusbar').waitFor()
    await window.takeLongTasks()
    const shownMs = await timed(async () => {
      await page.goto(`${new URL(atlas.url).origin}/stack?project=${project}`)
      await says(`${running.length} of ${many} ready`)
    })
    const opening = await window.takeLongTasks()
    await page.waitForTimeout(8000)
    const resting = await window.takeLongTasks()
    const screen: number[] = []
    for (let change = 0; change < changes; change++) {
      const one = running[0] as FakeContainer
      const isEnd = change % 2 === 0
      screen.push(
        await timed(async () => {
          fake.change(one.id, isEnd ? 'die' : 'start')
          await says(`${running.length - (isEnd ? 1 : 0)} of ${many} ready`)
        }),
      )
      await page.waitForTimeout(500)
    }
    const changing = await window.takeLongTasks()
    const filterMs = await timed(async () => {
      await page.getByRole('textbox', { name: 'Filter services' }).fill('service-0777')
      await page.getByRole('row', { name: /service-0777/ }).waitFor()
    })
    const longest = (tasks: number[]) =>
      `${tasks.length} long tasks, the longest ${Math.round(Math.max(0, ...tasks))} ms`
    console.log(
      `stack: ${many} containers shown in ${Math.round(shownMs)} ms (${longest(opening)}); 8 s at rest: ${longest(resting)}; ` +
        `${changes} changes: ${longest(changing)}; filtered in ${Math.round(filterMs)} ms`,
    )
    return compare(
      `a change among ${many} containers on the screen, against the bound of 300 ms`,
      screen,
      [300],
    )
  } finally {
    await window.close()
  }
}
