import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { listEngineCandidates } from '../../src-main/adapters/dockerEngines.ts'

const home = mkdtempSync(join(tmpdir(), 'atlas-engines-'))
afterAll(() => rmSync(home, { recursive: true }))

const list = (variables: NodeJS.ProcessEnv, platform: NodeJS.Platform = 'linux') =>
  listEngineCandidates({ variables, home, uid: 1000, platform })

function writeContext(name: string, endpoint: object) {
  const id = createHash('sha256').update(name).digest('hex')
  const folder = join(home, '.docker', 'contexts', 'meta', id)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'meta.json'), JSON.stringify({ Name: name, Endpoints: { docker: endpoint } }))
  return join(home, '.docker', 'contexts', 'tls', id, 'docker')
}

test('DOCKER_HOST stands alone, with or without a scheme', () => {
  expect(list({ DOCKER_HOST: 'unix:///x.sock' })).toEqual([
    { source: 'DOCKER_HOST', address: 'unix:///x.sock', isChosen: true },
  ])
  expect(list({ DOCKER_HOST: 'build:2375' })[0]?.address).toBe('tcp://build:2375')
})

test('a context counts before the sockets, with its certificates; the variable before the file', () => {
  const tls = writeContext('remote', { Host: 'tcp://10.0.0.1:2376', SkipTLSVerify: true })
  mkdirSync(tls, { recursive: true })
  writeFileSync(join(tls, 'ca.pem'), 'CA')
  writeContext('colima', { Host: 'unix:///colima.sock' })
  writeFileSync(join(home, '.docker', 'config.json'), JSON.stringify({ currentContext: 'remote' }))
  expect(list({})).toEqual([
    {
      source: 'context remote',
      address: 'tcp://10.0.0.1:2376',
      isChosen: true,
      tls: { ca: 'CA', isUnverified: true },
    },
  ])
  expect(list({ DOCKER_CONTEXT: 'colima' })[0]?.address).toBe('unix:///colima.sock')
  expect(list({ DOCKER_CONTEXT: 'gone' })).toEqual([{ source: 'context gone', address: '', isChosen: true }])
  expect(list({ DOCKER_CONTEXT: 'default' }).length).toBeGreaterThan(5)
})

test('sockets of every product are looked for, each system its own', () => {
  mkdirSync(join(home, '.colima', 'work'), { recursive: true })
  const addresses = list({ DOCKER_CONTEXT: 'default' }).map(({ address }) => address)
  expect(addresses[0]).toBe('unix:///var/run/docker.sock')
  for (const part of [
    'run/user/1000/docker.sock',
    '.orbstack',
    '.rd/',
    '.colima/default',
    '.colima/work',
    'podman/podman.sock',
  ])
    expect(addresses.some((address) => address.includes(part))).toBe(true)
  expect(list({ DOCKER_CONTEXT: 'default' }, 'win32').map(({ address }) => address)).toContain(
    'npipe:////./pipe/docker_engine',
  )
})
