// Records what a real compose makes of every case: `node record.ts v2 /path/to/docker-compose`. The results are kept, so
// that the test needs no compose; v2.json is of docker compose 2.40.3 (compose-go 2.9.1), v1.json of docker-compose 1.29.2.
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { type Case, recordedFolder, unpackCases } from './archive.ts'

const [version = 'v2', binary = 'docker-compose'] = process.argv.slice(2)

function run(one: Case, args: string[]): string {
  return execFileSync(binary, [...one.args, ...args], {
    cwd: one.folder,
    env: { PATH: process.env.PATH, HOME: '/root', DOCKER_HOST: process.env.DOCKER_HOST },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  })
}

function record(one: Case) {
  try {
    if (version === 'v1') return { config: parse(run(one, ['config']), { version: '1.1' }) as unknown }
    const config: unknown = JSON.parse(run(one, ['config', '--format', 'json', '--no-interpolate=false']))
    const hashes = Object.fromEntries(
      run(one, ['config', '--hash', '*'])
        .trim()
        .split('\n')
        .map((line) => line.split(' ')),
    ) as Record<string, string>
    return { config, hashes }
  } catch (error) {
    return {
      refused: String((error as { stderr?: string }).stderr)
        .trim()
        .split('\n')
        .at(-1),
    }
  }
}

mkdirSync(recordedFolder)
try {
  const results = Object.fromEntries(unpackCases(recordedFolder).map((one) => [one.name, record(one)]))
  writeFileSync(join(import.meta.dirname, `${version}.json`), `${JSON.stringify(results, null, 1)}\n`)
} finally {
  rmSync(recordedFolder, { recursive: true })
}
