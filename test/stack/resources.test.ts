import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createLoader, modelOf } from '../../src-main/stack/compose/project.ts'
import { comparable } from './conformance/comparable.ts'

const folder = join(import.meta.dirname, '..', '..', 'resources', 'stack')
const read = (...path: string[]) => readFileSync(join(folder, ...path), 'utf8')

const composeText = read('docker-compose.yml')
const compose = parse(composeText, { merge: true }) as {
  services: Record<
    string,
    Record<string, unknown> & { ports?: string[]; volumes?: string[]; healthcheck?: { test: unknown } }
  >
  networks: Record<string, unknown>
  volumes: Record<string, unknown>
}

/** The variables of an env file, in order, each with the comment above it. */
function readVariables(text: string) {
  const lines = text.split('\n')
  return lines.flatMap((line, index) => {
    const match = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line)
    return match ? [{ name: match[1] ?? '', value: match[2] ?? '', comment: lines[index - 1] ?? '' }] : []
  })
}

const example = readVariables(read('.env.example'))
const names = new Set(example.map(({ name }) => name))

const inCompose = new Set([...composeText.matchAll(/\$\{([A-Z0-9_]+)/g)].map((match) => match[1] ?? ''))
// Read by compose itself, which needs no ${…} for it.
inCompose.add('COMPOSE_PROJECT_NAME')
const configText = readFileSync(join(folder, '..', '..', 'src-main', 'config.ts'), 'utf8')
const inConfig = new Set(
  [...configText.matchAll(/^ {2}(ATLAS_[A-Z0-9_]+):/gm)].map((match) => match[1] ?? ''),
)

describe('.env.example', () => {
  test('holds every variable that is read, and none that is not', () => {
    const read = new Set([...inCompose, ...inConfig])
    expect([...read].filter((name) => !names.has(name))).toEqual([])
    expect([...names].filter((name) => !read.has(name))).toEqual([])
    expect(names.size).toBeGreaterThan(120)
    expect(names.size).toBe(example.length)
  })

  test('hands the containers no variable that the program does not read', () => {
    const handed = [...composeText.matchAll(/^ {2,6}(ATLAS_[A-Z_]+):/gm)].map((match) => match[1] ?? '')
    expect(handed.length).toBeGreaterThan(8)
    expect(handed.filter((name) => !inConfig.has(name))).toEqual([])
  })

  test('says what each is for, and holds no secret', () => {
    expect(example.filter(({ comment }) => !comment.startsWith('# ')).map(({ name }) => name)).toEqual([])
    const secrets = example.filter(({ name }) => /PASSWORD|TOKEN|AUTH_STRING/.test(name))
    expect(secrets.length).toBeGreaterThanOrEqual(6)
    expect(secrets.filter(({ value }) => value !== '').map(({ name }) => name)).toEqual([])
  })

  test('has the defaults that the compose file falls back to', () => {
    const fallbacks = [...composeText.matchAll(/\$\{([A-Z0-9_]+):-([^}]*)\}/g)]
    const byName = new Map(example.map(({ name, value }) => [name, value]))
    expect(
      fallbacks.filter(([, name = '', value]) => byName.get(name) !== value).map(([text]) => text),
    ).toEqual([])
  })

  test.each(['local', 'staging', 'production'])(
    'the overlay %s names only variables that exist',
    (overlay) => {
      const variables = readVariables(read('env', `${overlay}.env`))
      expect(variables.length).toBeGreaterThan(5)
      expect(variables.filter(({ name }) => !names.has(name))).toEqual([])
      const refused = variables.filter(({ value }) => value.includes('changethis')).map(({ name }) => name)
      expect(overlay === 'local' ? refused.length : refused).toEqual(overlay === 'local' ? 6 : [])
    },
  )
})

describe('docker-compose.yml', () => {
  const services = Object.entries(compose.services)

  test('has the eight services of the platform under their names and ports', () => {
    const facts = services.map(([name, { ports = [] }]) => [
      name,
      ports.map((port) => port.replace(/\$\{[A-Z_]+:-([^}]*)\}/g, '$1')),
    ])
    expect(Object.fromEntries(facts)).toEqual({
      db: ['127.0.0.1:5432:5432'],
      redis: ['127.0.0.1:6379:6379'],
      minio: ['127.0.0.1:9000:9000', '127.0.0.1:9001:9001'],
      'marquez-db': ['127.0.0.1:5433:5432'],
      marquez: ['127.0.0.1:5000:5000', '127.0.0.1:5001:5001'],
      prefect: ['127.0.0.1:4200:4200'],
      api: ['127.0.0.1:8000:8000'],
      worker: [],
    })
    expect(
      services.map(([name, { container_name }]) => `${container_name}`.includes(`:-atlas-${name}}`)),
    ).not.toContain(false)
  })

  test.each(services)(
    '%s has a health check, limits, a restart policy, a network and rotated logs',
    (_name, service) => {
      expect(service.healthcheck?.test).toBeTruthy()
      expect(service).toHaveProperty('deploy.resources.limits.cpus')
      expect(service).toHaveProperty('deploy.resources.limits.memory')
      expect(service.restart).toBeTruthy()
      expect(service.networks).not.toHaveLength(0)
      expect(service).toHaveProperty('logging.options.max-size')
    },
  )

  test('keeps data in named volumes, all declared and all used', () => {
    const used = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[0]))
    expect(new Set(used.filter((volume) => !volume?.startsWith('.')))).toEqual(
      new Set(Object.keys(compose.volumes)),
    )
  })

  test('pulls no image that was deleted, and hands no password to a process argument', () => {
    expect(composeText).not.toMatch(/(:-|image: )minio\/minio/)
    const commands = services.map(([, { command }]) => JSON.stringify(command ?? ''))
    expect(commands.filter((command) => /\$\{[A-Z_]*(PASSWORD|TOKEN)/.test(command))).toEqual([])
  })
})

const oldCompose = spawnSync('docker-compose', ['version', '--short'], { encoding: 'utf8' })
const hasOldCompose = oldCompose.status === 0 && oldCompose.stdout.startsWith('1.')
if (!hasOldCompose)
  console.error('The stack is not read by docker-compose: apt-get install docker-compose gives its version 1')

describe.skipIf(!hasOldCompose)(
  'docker-compose 1.29 reads the stack as Atlas does',
  { timeout: 60_000 },
  () => {
    const file = join(folder, 'docker-compose.yml')
    const profiles = ['storage', 'lineage', 'orchestration', 'platform']
    const schemaFile = join(folder, '..', 'schemas', 'compose-spec.json')

    /** What the env files of a place give; secrets, which none of them holds, are made up unless they are left out. */
    function variablesOf(overlay: string, secret: string | undefined) {
      const given = [...example, ...readVariables(read('env', `${overlay}.env`))]
      const variables = Object.fromEntries(given.map(({ name, value }) => [name, value]))
      const isSet = ([name, value]: [string, string]) =>
        value !== '' || /PASSWORD|TOKEN|AUTH_STRING/.test(name)
      return Object.fromEntries(
        Object.entries(variables).flatMap((entry) => {
          const value = entry[1] || secret
          return isSet(entry) && value !== undefined ? [[entry[0], value]] : []
        }),
      )
    }

    const config = (variables: Record<string, string>) =>
      spawnSync(
        'docker-compose',
        ['-f', file, ...profiles.flatMap((profile) => ['--profile', profile]), 'config'],
        {
          env: { PATH: process.env.PATH, ...variables },
          encoding: 'utf8',
        },
      )

    test.each(['local', 'staging', 'production'])('with the variables of %s', (overlay) => {
      const variables = variablesOf(overlay, 'made-up-secret')
      const { status, stdout, stderr } = config(variables)
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      const load = createLoader(schemaFile, variables)
      const printed = join(folder, 'printed.yml')
      const theirs = modelOf(load({ folder, files: [printed], profiles }, { texts: { [printed]: stdout } }))
      const ours = modelOf(load({ folder, files: [file], profiles }))
      expect(Object.keys(ours.services)).toHaveLength(8)
      expect(comparable(theirs.services)).toEqual(comparable(ours.services))
      expect(theirs.networks).toEqual(ours.networks)
      expect(theirs.volumes).toEqual(ours.volumes)
    })

    test('and refuses it, by the name of the variable, where a secret is not set', () => {
      const { status, stderr } = config(variablesOf('production', undefined))
      expect(status).not.toBe(0)
      expect(stderr).toMatch(/set [A-Z_]*(PASSWORD|TOKEN|AUTH_STRING)/)
    })
  },
)

test('the image runs as an ordinary user, has a health check and two targets', () => {
  const dockerfile = read('Dockerfile')
  expect(dockerfile).toMatch(/^FROM \S+ AS production$/m)
  expect(dockerfile).toMatch(/ AS development$/m)
  const production = dockerfile.slice(dockerfile.indexOf('AS production'))
  expect(production).toMatch(/^USER node$/m)
  expect(production).toMatch(/^HEALTHCHECK /m)
})
