import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { printable, printYaml } from '../../src-main/stack/compose/configText.ts'
import { hashService } from '../../src-main/stack/compose/hash.ts'
import type { ServiceModel } from '../../src-main/stack/compose/model.ts'
import { createLoader, modelOf } from '../../src-main/stack/compose/project.ts'
import { type Case, recordedFolder, selectionOf, unpackCases } from './conformance/archive.ts'
import { comparable } from './conformance/comparable.ts'

type Recorded = Record<
  string,
  { config: Record<string, unknown>; hashes: Record<string, string>; refused?: string }
>
type Tree = Record<string, unknown>

const into = mkdtempSync(join(tmpdir(), 'atlas-conformance-'))
afterAll(() => rmSync(into, { recursive: true }))

const schemaFile = join(import.meta.dirname, '..', '..', 'resources', 'schemas', 'compose-spec.json')
const load = createLoader(schemaFile, {})
const recorded = (version: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'conformance', `${version}.json`), 'utf8')) as Recorded
const cases = unpackCases(into)
const [v1, v2] = [recorded('v1'), recorded('v2')]

function loadCase(one: Case, texts?: Record<string, string>) {
  if (!texts) return load(selectionOf(one))
  return load(
    { folder: one.folder, files: Object.keys(texts), profiles: selectionOf(one).profiles },
    { texts },
  )
}

/** As if it had been read where the results were recorded. */
const moved = (value: unknown) => JSON.parse(JSON.stringify(value).replaceAll(into, recordedFolder)) as Tree

/** What compose 2.40.3 prints, less what this version of its printer alone does. */
function fromV2(config: Tree): Tree {
  const text = JSON.stringify(config)
    // Its `config` doubles dollar signs, so that what it prints can be read again.
    .replaceAll('$$', '$')
    // Two Go structs have no JSON names.
    .replaceAll('"Path":', '"path":')
    .replaceAll('"Rate":', '"rate":')
    .replaceAll('"Weight":', '"weight":')
  const entries = Object.entries(JSON.parse(text) as Tree)
  return Object.fromEntries(entries.filter(([name]) => !name.startsWith('x-')))
}

/** Until compose-go 2.10 a false create_host_path was left out. */
const withoutFalsePath = (model: Tree) =>
  JSON.parse(JSON.stringify(model), (key, value: unknown) =>
    key === 'create_host_path' && value === false ? undefined : value,
  ) as Tree

const accepted = cases.filter(({ name }) => !v2[name]?.refused)
const refused = cases.filter(({ name }) => v2[name]?.refused)

describe('the model is the one of docker compose 2.40.3', () => {
  test('of enough shapes', () => {
    expect(accepted.length).toBeGreaterThanOrEqual(60)
    expect(cases.every(({ name }) => v1[name] && v2[name])).toBe(true)
  })

  test.each(accepted.map((one) => [one.name, one] as const))('%s', (name, one) => {
    const model = modelOf(loadCase(one))
    expect(withoutFalsePath(moved(printable(model)))).toEqual(fromV2(v2[name]?.config ?? {}))
    const services = moved(model.services) as unknown as Record<string, ServiceModel>
    // `config --hash` hashes env files unread, which `up` does not.
    if (Object.values(services).some((service) => service.env_file)) return
    expect(
      Object.fromEntries(Object.entries(services).map(([service, one]) => [service, hashService(one)])),
    ).toEqual(v2[name]?.hashes)
  })

  test.each(refused.map((one) => [one.name, one] as const))('%s is refused, with its place', (_name, one) => {
    const { model, problems } = loadCase(one)
    expect(model).toBeUndefined()
    const errors = problems.filter(({ severity }) => severity === 'error')
    expect(errors.length).toBeGreaterThan(0)
    for (const { file, line, column, message } of errors) {
      expect(file.startsWith(one.folder)).toBe(true)
      expect(line * column).toBeGreaterThan(0)
      expect(message).not.toBe('')
    }
  })
})

/** Where 1.29 itself makes something else of a file, with what it does. */
const unlike = new Map([
  ['build-long', 'an argument without a value becomes an empty one'],
  ['dotenv', 'an older parser of .env: no `K: V`, and variables filled into single quotes'],
  ['ports-ipv6', 'an address is printed without its brackets, and cannot be read again'],
  ['volumes-from', 'services are printed with a prefix that no version reads'],
])

/** What docker-compose 1.29 prints reads as the same project, but for what that version did not know. */
describe('the same project as docker-compose 1.29.2 prints it', () => {
  const known = accepted.filter(({ name }) => !v1[name]?.refused && !unlike.has(name))
  test('of enough shapes', () => expect(known.length).toBeGreaterThanOrEqual(50))

  test.each(known.map((one) => [one.name, one] as const))('%s', (name, one) => {
    const printed = stringify(v1[name]?.config).replaceAll(recordedFolder, into)
    const theirs = loadCase(one, { [join(one.folder, 'printed.yaml')]: printed })
    const ours = modelOf(loadCase(one))
    expect(comparable(modelOf(theirs).services)).toEqual(comparable(ours.services))
  })
})

test('what is printed reads as the same project again', () => {
  for (const one of accepted) {
    const model = modelOf(loadCase(one))
    const again = loadCase(one, { [join(one.folder, 'printed.yaml')]: printYaml(model) })
    expect(printable(modelOf(again)), one.name).toEqual(parse(stringify(printable(model))))
  }
})
