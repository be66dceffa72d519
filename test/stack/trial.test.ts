import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AnyContractProcedure } from '@orpc/contract'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openAppDb } from '../../src-main/adapters/appdb.ts'
import { openDocker } from '../../src-main/adapters/docker.ts'
import { openSecrets } from '../../src-main/adapters/secrets.ts'
import { api } from '../../src-main/api.ts'
import { createJobs } from '../../src-main/jobs/service.ts'
import { createLogger } from '../../src-main/log.ts'
import { createLoader } from '../../src-main/stack/compose/project.ts'
import { createStackServices } from '../../src-main/stackServices.ts'
import { type FakeEngine, startFakeEngine } from '../support/fakeEngine.ts'
import { compose, composeContainer, type FakeContainer, newId } from '../support/fakeEngineViews.ts'
import { createJudge } from './judge.ts'

const project = 'trial'
const schemaFile = join(import.meta.dirname, '..', '..', 'resources', 'schemas', 'compose-spec.json')
const folder = mkdtempSync(join(tmpdir(), 'atlas-trial-'))
const file = join(folder, 'compose.yaml')
let engine: FakeEngine
let judge: ReturnType<typeof createJudge>
let db: ReturnType<typeof openAppDb>
let jobs: ReturnType<typeof createJobs>
let stack: ReturnType<typeof createStackServices>
let calls = 0

beforeAll(async () => {
  // No compose of the machine's own is asked for its hashes.
  vi.stubEnv('PATH', folder)
  engine = await startFakeEngine({ socket: join(folder, 'engine.sock') })
  judge = createJudge(engine, project, folder)
  db = openAppDb(folder)
  jobs = createJobs(db, createLogger('silent').describe)
  mkdirSync(join(folder, 'inside'))
  stack = createStackServices({
    docker: openDocker({ DOCKER_HOST: engine.address }),
    appDb: db,
    jobs,
    secrets: await openSecrets(folder),
    environment: { id: 'test', kind: 'local' },
    home: folder,
    load: createLoader(schemaFile, { COMPOSE_PROJECT_NAME: project }),
    selection: { get: () => ({ folder }), set: () => {} },
  })
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await stack.close()
  await jobs.close()
  await engine.close()
  db.close()
  rmSync(folder, { recursive: true })
})

/** What is on the engine beside the project: another project, what nobody labelled, and what bears the project's names. */
function furnish() {
  for (const map of [engine.containers, engine.volumes, engine.networks]) map.clear()
  const bare = (name: string) => composeContainer('', '', { name, labels: {} })
  const strangers = [
    composeContainer('other', 'db'),
    bare('lonely'),
    bare(`${project}-app-1`),
    { ...bare('lookalike'), labels: { [`${compose.project}.x`]: project, project } },
  ]
  for (const one of strangers) engine.containers.set(one.id, one)
  engine.volumes.set('other_data', { id: newId(), labels: { [compose.project]: 'other' } })
  engine.volumes.set(`${project}_old`, { id: newId(), labels: {} })
  engine.networks.set('other_default', { id: newId(), labels: { [compose.project]: 'other' } })
  engine.requests.length = 0
  return { strangers, ids: new Set(strangers.map(({ id }) => id)) }
}

type Answer = { code?: string; object?: string | undefined; status?: string }

/** A call as it comes in at the door: its input passes the contract, a job is waited for, a feed is read to its second answer. */
async function call(path: string, input: unknown): Promise<Answer> {
  calls += 1
  const [slice = '', name = ''] = path.split('.')
  const procedure = (api as unknown as Record<string, Record<string, AnyContractProcedure>>)[slice]?.[name]
  const services = stack.services as unknown as Record<string, Record<string, (...all: unknown[]) => unknown>>
  const work = services[slice]?.[name]
  if (!procedure || !work) throw new Error(`there is no call ${path}`)
  try {
    const parsed = await procedure['~orpc'].inputSchema?.['~standard'].validate(input)
    if (parsed?.issues) return { code: 'INPUT_INVALID' }
    const abort = new AbortController()
    const answer = await work(parsed?.value, { signal: abort.signal })
    if (answer && typeof answer === 'object' && Symbol.asyncIterator in answer) {
      const feed = (answer as AsyncIterable<unknown>)[Symbol.asyncIterator]()
      await feed.next()
      abort.abort()
      await feed.return?.()
    }
    const { jobId } = (answer ?? {}) as { jobId?: string }
    if (!jobId) return {}
    const { status, error } = await jobs.finished(jobId)
    return { status, ...(error && { code: error.code, object: error.data.object }) }
  } catch (error) {
    return { code: (error as { code?: string }).code ?? String(error) }
  }
}

const isApp = ({ labels }: FakeContainer) =>
  labels[compose.project] === project && labels[compose.service] === 'app'
const up = (more: object = {}) => call('stack.up', { waitTimeoutMs: 1000, ...more })
const write = (text: string) => writeFileSync(file, text)
const plain = `services:
  app: {image: 'app:1', volumes: ['data:/data', './inside:/in'], depends_on: [db], cap_add: [NET_BIND_SERVICE]}
  db: {image: 'db:1', volumes: ['old:/old', '/anonymous'], networks: [default, back], security_opt: ['no-new-privileges:true']}
volumes: {data: {}, old: {name: '${project}_older'}}
networks: {back: {}}
`

test('every act of the life of a stack touches what bears the label of its project, and nothing else', async () => {
  const { ids } = furnish()
  write(plain)
  const before = judge.labelsNow()
  const inProject = { project }
  expect(await up()).toEqual({ status: 'succeeded' })
  // The one of now: some acts put another in its place.
  const id = () => [...engine.containers.values()].find(isApp)?.id ?? ''
  const place = { id, path: '/etc/hosts' }
  const acts: [string, object][] = [
    ['stack.get', {}],
    ['stack.projects', {}],
    ['stack.plan', {}],
    ['stack.doctor', {}],
    ['stack.drift', {}],
    ['stack.config', {}],
    ['stack.up', { recreate: 'always' }],
    ['stack.up', { shouldRemoveOrphans: true }],
    ['stack.pull', {}],
    ['stack.restart', {}],
    ['stack.stop', { services: ['app'] }],
    ['stack.start', {}],
    ['stack.stop', inProject],
    ['stack.start', inProject],
    ['containers.get', inProject],
    ['containers.describe', { id }],
    ['containers.watch', inProject],
    ['containers.watchEvents', inProject],
    ['containers.watchStats', inProject],
    ['containers.listProcesses', { id }],
    ['containers.listVolumes', inProject],
    ['containers.listWork', { project, service: 'db' }],
    ['containers.pause', { id, isPaused: true }],
    ['containers.pause', { id, isPaused: false }],
    ['containers.stop', { project, service: 'app', mode: 'force' }],
    ['containers.stop', { project, service: 'app', mode: 'onlyIfIdle' }],
    ['stack.start', inProject],
    ['containerFiles.list', place],
    ['containerFiles.read', place],
    ['containerFiles.write', { ...place, text: 'x' }],
    ['containerFiles.export', place],
    ['containerShell.open', { id, columns: 80, rows: 24 }],
    ['logs.watch', { project, filter: {} }],
    ['checkpoints.create', { project, name: 'one' }],
    ['volumes.listFiles', { name: `${project}_data`, path: '/' }],
    ['volumes.readFile', { name: `${project}_data`, path: '/file' }],
    ['volumes.clone', { name: `${project}_data`, to: `${project}_copy` }],
    ['volumes.export', { name: `${project}_data`, file: join(folder, 'export.tar.gz') }],
    [
      'volumes.import',
      { name: `${project}_copy`, file: join(folder, 'export.tar.gz'), confirm: `${project}_copy` },
    ],
    ['checkpoints.list', inProject],
    ['checkpoints.restore', { project, name: 'one', confirm: project }],
    ['checkpoints.remove', { project, name: 'one' }],
    ['stack.down', {}],
    ['stack.up', {}],
    ['stack.down', { volumes: [`${project}_data`] }],
    ['stack.removeVolumes', { volumes: [`${project}_older`] }],
    ['stack.up', {}],
    ['stack.down', { ...inProject, shouldRemoveOrphans: true }],
  ]
  const act = ([path, input]: [string, object]) => call(path, 'id' in input ? { ...input, id: id() } : input)
  for (const one of acts) expect(await act(one), one[0]).not.toHaveProperty('code')
  // Again, on what is gone in between.
  for (const one of acts) await act(one)
  expect(judge.trespasses(before)).toEqual([])
  for (const id of ids) expect(engine.containers.get(id)?.state).toBe('running')
  expect([...engine.volumes.keys()]).toEqual(expect.arrayContaining(['other_data', `${project}_old`]))
})

test('a stranger on a volume of the project is neither frozen nor copied under', async () => {
  const { strangers } = furnish()
  write(plain)
  await up()
  const [, lonely] = strangers
  if (lonely) lonely.hostConfig = { Binds: [`${project}_data:/x`] }
  const before = judge.labelsNow()
  for (const [path, input] of [
    ['volumes.clone', { name: `${project}_data`, to: `${project}_copy` }],
    ['volumes.export', { name: `${project}_data`, file: join(folder, 'strange.tar.gz') }],
    ['volumes.import', { name: `${project}_data`, file, confirm: `${project}_data` }],
  ] as const)
    expect((await call(path, input)).code).toBe('CONFLICT')
  expect(judge.trespasses(before)).toEqual([])
  expect(engine.volumes.has(`${project}_copy`)).toBe(false)
})

test('what cannot be let go on after a copy is named, and no copy is kept', async () => {
  furnish()
  write(plain)
  await up()
  const copies: [string, object][] = [
    ['checkpoints.create', { project, name: 'stuck' }],
    ['volumes.clone', { name: `${project}_data`, to: `${project}_stuck` }],
    ['volumes.export', { name: `${project}_data`, file: join(folder, 'stuck.tar.gz') }],
  ]
  for (const [path, input] of copies) {
    engine.refuse(/\/unpause$/)
    const answer = await call(path, input)
    engine.refuse(undefined)
    expect(answer, path).toMatchObject({
      code: 'CONFLICT',
      object: expect.stringContaining(`${project}-app-1`),
    })
    for (const { id, state } of engine.containers.values())
      if (state === 'paused') engine.change(id, 'unpause')
  }
  const kept = await stack.services.checkpoints.list({ project }, {})
  expect(kept.map(({ name }) => name)).not.toContain('stuck')
  expect(engine.volumes.has(`${project}_stuck`)).toBe(false)
  expect(readdirSync(folder).filter((name) => name.startsWith('stuck'))).toEqual([])
  expect(await call('checkpoints.create', { project, name: 'whole' })).toEqual({ status: 'succeeded' })
})

test('what is kept before a restore bears its time, however long the name of the checkpoint is', async () => {
  furnish()
  write(plain)
  await up()
  const name = 'n'.repeat(80)
  await call('checkpoints.create', { project, name })
  expect(await call('checkpoints.restore', { project, name, confirm: project })).toEqual({
    status: 'succeeded',
  })
  const names = (await stack.services.checkpoints.list({ project }, {})).map((one) => one.name)
  const [before = ''] = names.filter((one) => one.startsWith('before-nnn'))
  expect(before).toMatch(/n-\d{4}-\d{2}-\d{2}T\d{6}$/)
  expect(before).toHaveLength(80)
})

test('the ids and names of strangers are refused wherever one can be given', async () => {
  const { strangers } = furnish()
  const before = judge.labelsNow()
  const references = strangers
    .filter(({ labels }) => !labels[compose.project])
    .flatMap(({ id, name }) => [
      id,
      id.slice(0, 12),
      name,
      `../containers/${id}`,
      `${id}/../${id}`,
      `%2e%2e%2f${name}`,
      `${name}?x=`,
    ])
  for (const id of references) {
    const place = { id, path: '/etc/shadow' }
    for (const [path, input] of [
      ['containers.describe', { id }],
      ['containers.listProcesses', { id }],
      ['containers.pause', { id, isPaused: true }],
      ['containerFiles.list', place],
      ['containerFiles.read', place],
      ['containerFiles.write', { ...place, text: '' }],
      ['containerFiles.export', place],
      ['containerShell.open', { id, columns: 80, rows: 24 }],
    ] as const)
      expect(['PERMISSION_DENIED', 'NOT_FOUND', 'INPUT_INVALID']).toContain((await call(path, input)).code)
  }
  for (const name of [
    'other_data',
    `${project}_old`,
    '../containers/lonely',
    '*',
    `${project}_old/../other_data`,
  ]) {
    expect(['PERMISSION_DENIED', 'CONFIRMATION_NEEDED', 'NOT_FOUND', 'INPUT_INVALID']).toContain(
      (await call('containers.removeVolume', { name, confirm: name === 'other_data' ? '' : name })).code,
    )
    // A volume of another project may be looked into by its name: it is a project's.
    for (const [path, input] of name === 'other_data'
      ? []
      : ([
          ['volumes.listFiles', { name, path: '/' }],
          ['volumes.readFile', { name, path: '/x' }],
          ['volumes.clone', { name, to: 'taken' }],
          ['volumes.export', { name }],
          ['volumes.import', { name, file, confirm: name }],
        ] as [string, object][]))
      expect(['PERMISSION_DENIED', 'UNSUPPORTED', 'NOT_FOUND', 'INPUT_INVALID']).toContain(
        (await call(path, input)).code,
      )
    for (const path of ['stack.removeVolumes', 'stack.down'])
      expect(['CONFLICT', 'NOT_FOUND', 'INPUT_INVALID']).toContain(
        (await call(path, { project, volumes: [name] })).code,
      )
  }
  expect(judge.trespasses(before)).toEqual([])
  expect(engine.volumes.size).toBe(2)
})

const hostile: [string, string?][] = [
  ['privileged: true'],
  ["privileged: 'true'"],
  ...[
    'ALL',
    'SYS_ADMIN',
    'sys_ptrace',
    'CAP_SYS_MODULE',
    'NET_ADMIN',
    'DAC_READ_SEARCH',
    'BPF',
    'SYS_TIME',
    'SYSLOG',
    'PERFMON',
    'MAC_OVERRIDE',
  ].map((cap): [string] => [`cap_add: [${cap}]`]),
  ...['/dev/sda', '/dev/mem:/dev/mem:rwm', 'vendor.com/class=all'].map((device): [string] => [
    `devices: ['${device}']`,
  ]),
  ["device_cgroup_rules: ['a *:* rwm']"],
  ['gpus: all'],
  ['runtime: other'],
  ['cgroup_parent: /'],
  ['deploy: {resources: {reservations: {devices: [{capabilities: [gpu]}]}}}'],
  ...['/', '/etc', '~', '..', '/var/run/docker.sock', '/run/podman/podman.sock', './inside/../../..'].flatMap(
    (source): [string][] => [
      [`volumes: ['${source}:/x']`],
      [`volumes: ['${source}:/x:ro,rslave']`],
      [`volumes: [{type: bind, source: '${source}', target: /x, bind: {create_host_path: false}}]`],
    ],
  ),
  ...['network_mode', 'pid', 'ipc', 'uts', 'userns_mode', 'cgroup'].map((field): [string] => [
    `${field}: host`,
  ]),
  ...['network_mode', 'pid', 'ipc'].map((field): [string] => [`${field}: 'container:lonely'`]),
  ["volumes_from: ['container:lonely']"],
  ["volumes_from: ['container:lonely:ro']"],
  ["external_links: ['lonely']"],
  ...[
    'seccomp:unconfined',
    'apparmor=unconfined',
    'label=disable',
    'label:type:spc_t',
    'systempaths=unconfined',
    'apparmor=mine',
  ].map((option): [string] => [`security_opt: ['${option}']`]),
  ['networks: [n]', 'networks: {n: {name: host, external: true}}'],
  ['networks: [n]', 'networks: {n: {name: host}}'],
  ['networks: [n]', "networks: {n: {name: 'container:lonely', external: true}}"],
  ['networks: [n]', "networks: {n: {name: 'container:lonely'}}"],
  ['networks: [n]', 'networks: {n: {name: other_default, external: true}}'],
  ['networks: [n]', 'networks: {n: {name: other_default}}'],
  ['networks: [n]', 'networks: {n: {driver: macvlan, driver_opts: {parent: eth0}}}'],
  ['networks: [n]', 'networks: {n: {driver: some/plugin}}'],
  ["volumes: ['vol:/v']", 'volumes: {vol: {name: other_data, external: true}}'],
  ["volumes: ['vol:/v']", 'volumes: {vol: {name: other_data}}'],
  ["volumes: ['vol:/v']", `volumes: {vol: {name: ${project}_old}}`],
  ["volumes: ['vol:/v']", 'volumes: {vol: {name: /etc}}'],
  ["volumes: ['vol:/v']", 'volumes: {vol: {driver: vieux/sshfs}}'],
  ...[
    '{type: none, o: bind, device: /etc}',
    '{type: none, o: "ro,rbind", device: /}',
    '{type: tmpfs, o: bind, device: /etc}',
    '{type: ext4, device: /dev/sda1}',
    '{type: nfs, o: "addr=10.0.0.1", device: ":/x"}',
    '{type: overlay, o: "lowerdir=/", device: overlay}',
    '{type: none, o: " bind", device: /root}',
  ].map((options): [string, string] => ["volumes: ['vol:/v']", `volumes: {vol: {driver_opts: ${options}}}`]),
  ['secrets: [s]', 'secrets: {s: {file: /etc/shadow}}'],
  ['configs: [s]', 'configs: {s: {file: /var/run/docker.sock}}'],
  [`labels: {${compose.project}: other, ${compose.service}: db}`],
  ['container_name: lonely'],
  ['use_api_socket: true'],
  ['deploy: {mode: global}'],
  ['volumes: [{type: npipe, source: x, target: /x}]'],
  ['volumes: [{type: cluster, source: x, target: /x}]'],
]

test.each(hostile)('without consent nothing is made of %s %s', async (field, rest = '') => {
  furnish()
  engine.networks.set('host', { id: newId(), labels: {} })
  const before = judge.labelsNow()
  write(`services:\n  app:\n    image: 'app:1'\n    ${field}\n${rest}\n`)
  await call('stack.plan', {})
  const first = await up()
  await up({ services: ['app'], accept: ['0123456789ab'] })
  expect(judge.trespasses(before)).toEqual([])
  // What is merely named like a label of compose is overruled, and what bears a taken name fails at the engine.
  if (/^(labels|container_name)/.test(field)) return
  expect(first.code).toMatch(/^(CONFIRMATION_NEEDED|COMPOSE_INVALID|CONFLICT|NOT_FOUND)$/)
  expect([...engine.containers.values()].filter(({ labels }) => labels[compose.project] === project)).toEqual(
    [],
  )
})

test('what was consented to is made, and it is the one thing of its kind that is', async () => {
  furnish()
  write(`services: {app: {image: 'app:1', privileged: true, volumes: ['/etc:/x:ro']}}\n`)
  const { questions } = await stack.services.stack.plan({}, {})
  const [flag, mount] = questions
  expect((await up({ accept: [flag?.id] })).code).toBe('CONFIRMATION_NEEDED')
  expect(await up({ accept: [flag?.id, mount?.id] })).toEqual({ status: 'succeeded' })
  const made = engine.requests.find(({ path }) => path === '/containers/create')?.body
  expect(made?.HostConfig).toMatchObject({ Privileged: true, Binds: ['/etc:/x:ro'] })
})

test('that were three hundred calls at least', () => expect(calls).toBeGreaterThanOrEqual(300))
