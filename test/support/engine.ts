import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A Docker engine with the images that the tests run. */
export interface TestEngine {
  /** As DOCKER_HOST. */
  host: string
  /** Stops it, and starts it again after `meanwhile`. Undefined of one that was not started here. */
  restart?(meanwhile: () => Promise<void>): Promise<void>
  stop(): Promise<void>
}

const images = ['busybox:latest', 'atlas-test/postgres:15', 'atlas-test/redis:7']

/**
 * A Docker engine for tests, or why there is none. `ATLAS_TEST_DOCKER` names one that runs already; as root on Linux with
 * `dockerd` installed one is started in a temporary folder.
 */
export async function openTestEngine(): Promise<TestEngine | { reason: string }> {
  const given = process.env.ATLAS_TEST_DOCKER
  const engine = given ? { host: given, stop: async () => {} } : await startEngine()
  if ('reason' in engine) return engine
  try {
    buildImages(engine.host)
  } catch (error) {
    await engine.stop()
    throw error
  }
  return engine
}

function buildImages(host: string): void {
  const env = { ...process.env, DOCKER_HOST: host }
  const isThere = (image: string) => spawnSync('docker', ['image', 'inspect', image], { env }).status === 0
  if (images.every(isThere)) return
  execFileSync(join(import.meta.dirname, 'dockerImages.sh'), { env, stdio: ['ignore', 'ignore', 'pipe'] })
}

async function startEngine(): Promise<TestEngine | { reason: string }> {
  if (process.platform !== 'linux')
    return { reason: 'an engine is started on Linux alone; set ATLAS_TEST_DOCKER' }
  if (process.getuid?.() !== 0) return { reason: 'an engine is started as root alone; set ATLAS_TEST_DOCKER' }
  const missing = [
    '/usr/sbin/dockerd',
    '/bin/busybox',
    '/usr/lib/postgresql/15/bin/initdb',
    '/usr/bin/redis-server',
  ].find((file) => !existsSync(file))
  if (missing)
    return {
      reason: `${missing} is missing: apt-get install docker.io busybox-static postgresql-15 redis-server`,
    }

  const folder = mkdtempSync(join(tmpdir(), 'atlas-docker-'))
  const log = openSync(join(folder, 'log'), 'a')
  const host = `unix://${join(folder, 'docker.sock')}`
  const paths = {
    H: host,
    '-data-root': join(folder, 'data'),
    '-exec-root': join(folder, 'exec'),
    p: join(folder, 'pid'),
  }
  const launch = () => {
    const daemon = spawn(
      'dockerd',
      [
        ...Object.entries(paths).flatMap(([name, value]) => [`-${name}`, value]),
        // No default bridge, and addresses of its own: another engine may run beside it.
        '--bridge=none',
        '--default-address-pool=base=10.213.0.0/16,size=24',
      ],
      { stdio: ['ignore', log, log] },
    )
    const ended = new Promise<void>((resolve) => daemon.once('exit', () => resolve()))
    const halt = () => {
      daemon.kill('SIGTERM')
      return ended
    }
    return { daemon, halt }
  }
  let running = launch()
  const stop = async () => {
    await running.halt()
    for (const mount of mountsBelow(folder)) spawnSync('umount', ['-l', mount])
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  const answers = async () => {
    const deadline = Date.now() + 60_000
    while (running.daemon.exitCode === null && Date.now() < deadline) {
      const answer = spawnSync('docker', ['version'], { env: { ...process.env, DOCKER_HOST: host } })
      if (answer.status === 0) return true
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    return false
  }
  if (!(await answers())) {
    const text = readFileSync(join(folder, 'log'), 'utf8').trim().split('\n').slice(-3).join(' ')
    await stop()
    return { reason: `dockerd did not start: ${text}` }
  }
  return {
    host,
    stop,
    restart: async (meanwhile) => {
      await running.halt()
      await meanwhile()
      running = launch()
      if (!(await answers())) throw new Error('dockerd did not start again')
    },
  }
}

/** What an engine leaves mounted, the innermost first. */
function mountsBelow(folder: string): string[] {
  return readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`))
    .reverse()
}
