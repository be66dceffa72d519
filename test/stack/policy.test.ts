import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createLoader, modelOf } from '../../src-main/stack/compose/project.ts'
import { missingSecrets } from '../../src-main/stack/files/envFile.ts'
import { findPolicyQuestions } from '../../src-main/stack/plan/policy.ts'

const outside = mkdtempSync(join(tmpdir(), 'atlas-policy-'))
afterAll(() => rmSync(outside, { recursive: true }))
const folder = join(outside, 'project')
mkdirSync(join(folder, 'inside'), { recursive: true })
symlinkSync('/etc', join(folder, 'link'))
for (const name of ['project/inside/own.env', 'other.env', 'other.labels'])
  writeFileSync(join(outside, name), 'A=1\n')
symlinkSync(join(outside, 'other.env'), join(folder, 'inside', 'linked.env'))

const schemaFile = join(import.meta.dirname, '..', '..', 'resources', 'schemas', 'compose-spec.json')
const load = createLoader(schemaFile, {})

function ask(service: string, rest = '') {
  const path = join(folder, 'compose.yaml')
  const text = `services:\n  a:\n    image: x\n    ${service}\n${rest}`
  const model = modelOf(load({ folder, files: [path] }, { texts: { [path]: text } }))
  return findPolicyQuestions(model, { folder }).map(({ field, message }) => `${field}: ${message}`)
}

test.each([
  ['nothing at all', 'command: top', ''],
  ['a folder of the project', "volumes: ['./inside:/x', 'vol:/v', '/anonymous']", 'volumes: {vol: {}}\n'],
  [
    'a volume in memory',
    "volumes: ['vol:/v']",
    'volumes: {vol: {driver_opts: {type: tmpfs, device: tmpfs}}}\n',
  ],
  ['rights that every container may have', 'cap_add: [NET_BIND_SERVICE]', ''],
  ['a build of a folder of the project', 'build: ./inside', ''],
  ['a build that the engine fetches', 'build: https://example.org/a.git', ''],
  ['variables of the project', 'env_file: [./inside/own.env]', ''],
  ['variables that are not there', 'env_file: [{path: ../../nowhere.env, required: false}]', ''],
])('%s is no question', (_name, service, rest) => {
  expect(ask(service, rest)).toEqual([])
})

test.each([
  ['privileged: true', /privileged/],
  ['privileged: "true"', /privileged/],
  ["volumes: ['/var/run/docker.sock:/s']", /engine’s socket/],
  ["volumes: ['/run/podman/podman.sock:/s:ro']", /engine’s socket/],
  ["volumes: ['/:/host:ro']", /outside the project.*read-only/],
  ["volumes: ['../:/up']", /outside/],
  ["volumes: ['./link/shadow:/x']", /outside/],
  ["volumes: ['./link/not/yet:/x']", /outside/],
  ["volumes: ['~/:/home']", /outside/],
  ['volumes: [{type: bind, source: /etc, target: /x}]', /outside/],
  ["devices: ['/dev/sda']", /device/],
  ["device_cgroup_rules: ['a *:* rwm']", /device_cgroup_rules/],
  ['cap_add: [CAP_SYS_ADMIN]', /SYS_ADMIN/],
  ['cap_add: [all]', /all/],
  ['security_opt: ["seccomp:unconfined"]', /protection/],
  ['security_opt: ["systempaths=unconfined"]', /protection/],
  ['network_mode: host', /network/],
  ['pid: host', /processes/],
  ['ipc: host', /memory/],
  ['uts: host', /host name/],
  ['userns_mode: host', /users/],
  ['network_mode: "container:other"', /no part of the project/],
  ["volumes_from: ['container:other']", /every volume of other/],
  ['build: ../', /build\.context: .*outside.*every file/],
  ['build: {context: ./link}', /build\.context/],
  ['build: {context: ./inside, network: host}', /build\.network/],
  ['env_file: [./inside/own.env, ../other.env]', /env_file\.1: .*outside.*variables/],
  ['env_file: [./inside/linked.env]', /env_file\.0: .*outside/],
  ['label_file: [../other.labels]', /label_file\.0: .*outside.*labels/],
])('%s is asked about', (service, expected) => {
  const questions = ask(service)
  expect(questions).toHaveLength(1)
  expect(questions[0]).toMatch(expected)
})

test.each([
  [
    "volumes: ['vol:/v']",
    'volumes: {vol: {driver_opts: {type: none, o: bind, device: /etc}}}\n',
    /that folder/,
  ],
  ["volumes: ['vol:/v']", 'volumes: {vol: {driver_opts: {o: "ro,rbind", device: /etc}}}\n', /that folder/],
  [
    "volumes: ['vol:/v']",
    'volumes: {vol: {driver_opts: {type: nfs, o: addr=x, device: ":/x"}}}\n',
    /mounts :\/x/,
  ],
  ["volumes: ['vol:/v']", 'volumes: {vol: {driver: vieux/sshfs}}\n', /plugin/],
  ['secrets: [s]', 'secrets: {s: {file: /etc/shadow}}\n', /outside/],
  ['configs: [s]', 'configs: {s: {file: /var/run/docker.sock}}\n', /socket/],
])('%s with %s is asked about', (service, rest, expected) => {
  expect(ask(service, rest).join()).toMatch(expected)
})

test('a question changes with what it asks about', () => {
  const idOf = (source: string) => {
    const path = join(folder, 'compose.yaml')
    const text = `services: {a: {image: x, volumes: ['${source}:/x']}}`
    return findPolicyQuestions(modelOf(load({ folder, files: [path] }, { texts: { [path]: text } })), {
      folder,
    })[0]?.id
  }
  expect(idOf('/etc')).toBe(idOf('/etc'))
  expect(idOf('/etc')).not.toBe(idOf('/root'))
})

test('our own stack, unchanged, is built from the program unasked; one that was changed is asked about', () => {
  const program = join(import.meta.dirname, '..', '..')
  const own = join(program, 'resources', 'stack')
  const path = join(own, 'docker-compose.yml')
  const dockerfile = join(own, 'Dockerfile')
  const loadOwn = createLoader(schemaFile, missingSecrets(own, {}) ?? {}, program)
  const asked = (texts: Record<string, string> = {}, more: string[] = []) => {
    const stack = loadOwn({ folder: own, files: [path, ...more], profiles: ['platform'] }, { texts })
    return findPolicyQuestions(modelOf(stack), stack).map(({ service, field }) => `${service} ${field}`)
  }
  const questions = ['api build.context', 'worker build.context']
  expect(asked(), 'the stack was changed: set broughtDigest anew').toEqual([])
  expect(asked({ [path]: `${readFileSync(path, 'utf8')}\n` })).toEqual(questions)
  expect(asked({ [dockerfile]: 'FROM busybox' })).toEqual(questions)
  const override = join(outside, 'override.yaml')
  writeFileSync(override, 'services: {db: {privileged: true}}')
  expect(asked({}, [override])).toEqual(expect.arrayContaining([...questions, 'db privileged']))
})
