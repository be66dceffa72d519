import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AppDb, openAppDb } from '../../src-main/adapters/appdb.ts'
import { openSecrets } from '../../src-main/adapters/secrets.ts'
import { missingSecrets, writeEnvFile } from '../../src-main/stack/files/envFile.ts'
import { createStackFiles } from '../../src-main/stack/files/stackFiles.ts'
import { createVersions } from '../../src-main/stack/files/versions.ts'

const folder = mkdtempSync(join(tmpdir(), 'atlas-stack-files-'))
const path = join(folder, 'compose.yml')
const env = join(folder, '.env')
let db: AppDb
let files: ReturnType<typeof createStackFiles>

beforeAll(async () => {
  writeFileSync(path, 'services: {}\n')
  db = openAppDb(folder)
  const locate = async () => ({ folder, files: [path], envFiles: [] })
  files = createStackFiles({ versions: createVersions(db, await openSecrets(folder)), locate })
})
afterAll(() => {
  db.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('the files of a stack', () => {
  test('are the compose files, their override, and the variables, there or not yet', async () => {
    expect((await files.list({}, {})).map(({ name, kind, exists }) => [name, kind, exists])).toEqual([
      ['compose.yml', 'compose', true],
      ['compose.override.yml', 'override', false],
      ['.env', 'variables', false],
    ])
  })

  test('are saved as one act, and what was there before is kept', async () => {
    const { text, checksum } = await files.read({ path }, {})
    await files.save({ path, text: `${text}# more\n`, checksum }, {})
    expect(readFileSync(path, 'utf8')).toBe('services: {}\n# more\n')
    const [version] = await files.listVersions({ path }, {})
    expect((await files.readVersion({ path, id: version?.id ?? 0 }, {})).text).toBe('services: {}\n')
  })

  test('are not written over what somebody else wrote meanwhile', async () => {
    const { checksum } = await files.read({ path }, {})
    writeFileSync(path, 'services: { a: {} }\n')
    await expect(files.save({ path, text: 'mine', checksum }, {})).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(readFileSync(path, 'utf8')).toBe('services: { a: {} }\n')
  })

  test('with variables are made for their owner alone, and old secrets lie encrypted', async () => {
    let { checksum } = await files.read({ path: env }, {})
    checksum = (await files.save({ path: env, text: 'DB_PASSWORD=hunter2-first\n', checksum }, {})).checksum
    await files.save({ path: env, text: 'DB_PASSWORD=second\n', checksum }, {})
    expect(statSync(env).mode & 0o777).toBe(0o600)
    const stored = db.prepare('select sealed from file_versions where path = ?').all(env)
    expect(stored).toHaveLength(1)
    expect(JSON.stringify(stored)).not.toContain('hunter2')
  })

  test('are the only ones that can be read or written', async () => {
    const call = files.read({ path: join(folder, 'secrets.key') }, {})
    await expect(call).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    const climb = files.save({ path: join(folder, '..', 'x'), text: '', checksum: 'none' }, {})
    await expect(climb).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
  })
})

test('an env file that others could read is its owner’s alone once secrets are written to it', async () => {
  const path = join(folder, 'made.env')
  writeFileSync(path, 'A=1\n', { mode: 0o644 })
  await writeEnvFile(path, 'A_PASSWORD=hunter2\n')
  expect(readFileSync(path, 'utf8')).toBe('A_PASSWORD=hunter2\n')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readdirSync(folder).filter((name) => name.startsWith('made.env'))).toEqual(['made.env'])
})

test('a secret that the example leaves empty or at changethis is missing until something sets it', () => {
  const example = 'A_PASSWORD=\nB_SECRET="changethis"\nC_TOKEN=changeme \nD_PASSWORD=real\nPORT=\n'
  writeFileSync(join(folder, '.env.example'), example)
  expect(Object.keys(missingSecrets(folder, {}) ?? {})).toEqual(['A_PASSWORD', 'B_SECRET', 'C_TOKEN'])
  expect(Object.keys(missingSecrets(folder, { B_SECRET: 'x', A_PASSWORD: 'y' }) ?? {})).toEqual(['C_TOKEN'])
})
