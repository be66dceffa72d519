// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the templates are compose's
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ServiceModel } from '../../src-main/stack/compose/model.ts'
import { createLoader, type LoadedStack } from '../../src-main/stack/compose/project.ts'
import type { Selection } from '../../src-main/stack/contract.ts'
import { missingSecrets } from '../../src-main/stack/files/envFile.ts'
import { applyEdit } from '../../src-main/stack/form/apply.ts'
import { isSecretText } from '../../src-main/stack/form/filled.ts'
import { createStackForm } from '../../src-main/stack/form/service.ts'
import type { FormField, FormFieldName, FormRow } from '../../src-main/stack/formContract.ts'
import { selectionOf, unpackCases } from './conformance/archive.ts'

const root = join(import.meta.dirname, '..', '..')
const into = mkdtempSync(join(tmpdir(), 'atlas-form-'))
afterAll(() => rmSync(into, { recursive: true }))
const load = createLoader(join(root, 'resources', 'schemas', 'compose-spec.json'), {})
const own = join(into, 'own')

beforeAll(() => {
  cpSync(join(root, 'resources', 'stack'), own, { recursive: true })
  const secrets = Object.entries(missingSecrets(own, {}) ?? {})
  writeFileSync(join(own, '.env'), secrets.map(([name, value]) => `${name}=${value}\n`).join(''))
})

const formOf = (selection: Selection) =>
  createStackForm({ open: async (_input, options) => load(selection, options) })

type Model = ServiceModel

interface Change {
  cells(row: FormRow): Record<string, string>
  /** Makes the same change in the model. */
  expect(model: Model, row: FormRow, field: FormField): void
}

const healthcheck = (key: string, text: string, value: unknown): Change => ({
  cells: () => ({ text }),
  expect: (model) => Object.assign(model.healthcheck ?? {}, { [key]: value }),
})

/** For each field a change of one of its rows. */
const changes: Record<FormFieldName, Change> = {
  image: {
    cells: () => ({ text: 'changed:1.10' }),
    expect: (model) => Object.assign(model, { image: 'changed:1.10' }),
  },
  command: {
    cells: ({ cells }) => ({ text: `${cells.text} --more` }),
    // The last word of a list becomes longer; a text has one word more.
    expect: ({ command }, _row, { kind }) => {
      if (kind === 'text') command?.push('--more')
      else command?.splice(-1, 1, `${command.at(-1)} --more`)
    },
  },
  ports: {
    cells: ({ cells }) => ({ ...cells, published: '12345' }),
    expect: ({ ports }, { cells, filled }) => {
      const port = ports?.find(
        (one) =>
          String(one.target) === cells.target &&
          (one.protocol ?? 'tcp') === (cells.protocol ?? 'tcp') &&
          String(one.published ?? '') === (filled.published?.text ?? cells.published ?? ''),
      )
      Object.assign(port ?? {}, { published: '12345' })
    },
  },
  environment: {
    cells: ({ cells }) => ({ ...cells, value: "it's: 1.0 # no" }),
    expect: (model, { cells }) => {
      model.environment = { ...model.environment, [cells.name ?? '']: "it's: 1.0 # no" }
    },
  },
  volumes: {
    cells: ({ cells }) => ({ ...cells, target: `${cells.target}/moved` }),
    expect: ({ volumes }, { cells }) => {
      const mount = volumes?.find(({ target }) => target === cells.target)
      Object.assign(mount ?? {}, { target: `${mount?.target}/moved` })
    },
  },
  depends_on: {
    cells: ({ cells }) => ({ ...cells, condition: 'service_healthy' }),
    expect: (model, { cells }) =>
      Object.assign(model.depends_on?.[cells.service ?? ''] ?? {}, { condition: 'service_healthy' }),
  },
  'healthcheck.test': {
    cells: ({ cells }) => ({ text: `${cells.text} --more` }),
    expect: (model) => model.healthcheck?.test?.splice(-1, 1, `${model.healthcheck.test.at(-1)} --more`),
  },
  'healthcheck.interval': healthcheck('interval', '7m', '7m0s'),
  'healthcheck.timeout': healthcheck('timeout', '7s', '7s'),
  'healthcheck.retries': healthcheck('retries', '77', 77),
  'healthcheck.start_period': healthcheck('start_period', '500ms', '500ms'),
  cpus: {
    cells: () => ({ text: '0.75' }),
    expect: (model) => {
      const limits = model.deploy?.resources?.limits
      Object.assign(limits?.cpus === undefined ? model : limits, { cpus: 0.75 })
    },
  },
  memory: {
    cells: () => ({ text: '77m' }),
    expect: (model) => {
      const limits = model.deploy?.resources?.limits
      if (limits?.memory === undefined) model.mem_limit = String(77 * 1024 ** 2)
      else limits.memory = String(77 * 1024 ** 2)
    },
  },
  restart: { cells: () => ({ text: 'no' }), expect: (model) => Object.assign(model, { restart: 'no' }) },
  profiles: {
    cells: ({ cells }) => ({ text: `${cells.text}\nmore` }),
    expect: (model) => model.profiles?.push('more'),
  },
}

const isRange = ({ cells }: FormRow) => cells.target?.includes('-') || cells.published?.includes('-')
const canChange = ({ name, rows, note }: FormField) =>
  note?.isLocked
    ? []
    : rows.filter((row) => row.line !== null && !row.note?.isLocked && !(name === 'ports' && isRange(row)))

/** The first and the last line of a text that a change took or put in. */
function changedLines(before: string, after: string) {
  const [old, made] = [before.split('\n'), after.split('\n')]
  let start = 0
  while (start < old.length && old[start] === made[start]) start += 1
  let end = 0
  while (end < Math.min(old.length, made.length) - start && old.at(-1 - end) === made.at(-1 - end)) end += 1
  return { from: start + 1, to: old.length - end }
}

const errorsOf = ({ problems }: LoadedStack) =>
  problems.flatMap(({ severity, message }) => (severity === 'error' ? [message] : []))
const servicesOf = ({ model, disabled }: LoadedStack) => ({ ...model?.services, ...disabled })

/** Changes every value of every service that can be changed; answers how many there were. */
async function driveFile(selection: Selection, path: string): Promise<number> {
  const form = formOf(selection)
  const text = readFileSync(path, 'utf8')
  let made = 0
  for (const { name: service, isHere } of await form.listServices({ path, text }, {})) {
    if (!isHere) continue
    const { fields, notes } = await form.describe({ path, text, service }, {})
    const expected = load(selection)
    const model = servicesOf(expected)[service]
    if (!model) throw new Error(`${service} is not in the model`)
    const edits = fields.flatMap((field) =>
      canChange(field).map((found) => ({ field, found, row: field.rows.indexOf(found) })),
    )
    let changed = text
    // From the last line up, so that the lines of those before stay where they are.
    for (const { field, found, row } of edits.sort((a, b) => (b.found.line ?? 0) - (a.found.line ?? 0))) {
      const edit = { service, field: field.name, row }
      const at = `${path} ${service}.${field.name} ${row}`
      expect(applyEdit(changed, { ...edit, cells: found.cells }), at).toBe(changed)
      const next = applyEdit(changed, { ...edit, cells: changes[field.name].cells(found) })
      if (next !== changed) {
        const { from, to } = changedLines(changed, next)
        const isList = field.name === 'depends_on' && !text.includes('condition')
        expect(from, at).toBeGreaterThanOrEqual(found.line ?? 0)
        // A list of names that becomes a mapping does so as a whole.
        if (!isList) expect(to, at).toBeLessThanOrEqual(found.endLine ?? 0)
      }
      changed = next
      changes[field.name].expect(model, found, field)
      made += 1
    }
    const after = load(selection, { texts: { [path]: changed } })
    expect(errorsOf(after)).toEqual(errorsOf(expected))
    // A service that others extend changes with them, and says so.
    if (notes.some(({ message }) => message.includes('extends this service')))
      expect(servicesOf(after)[service]).toEqual(model)
    else expect(servicesOf(after), `${path} ${service}`).toEqual(servicesOf(expected))
  }
  return made
}

describe('a change of each field', () => {
  test('touches the lines of its value in our stack, and makes the model that is meant', async () => {
    const made = await driveFile({ folder: own, profiles: ['*'] }, join(own, 'docker-compose.yml'))
    expect(made).toBeGreaterThan(120)
  })

  const shapes = [
    'command-text',
    'command-list',
    'environment-map',
    'environment-list',
    'environment-inherited',
    'healthcheck-forms',
    'sizes',
    'cpu',
    'restart',
    'deploy',
    'ports-short',
    'ports-long',
    'volumes-short',
    'volumes-long',
    'depends-short',
    'depends-long',
    'profiles-off',
    'interpolation',
    'extensions',
    'quoted-scalars',
    'many-services',
    'extends-same-file',
    'override-implicit',
    'override-tag',
    'command-empty',
  ]
  test.each(
    unpackCases(into)
      .filter(({ name }) => shapes.includes(name))
      .map((one) => [one.name, one] as const),
  )('does the same in %s', async (_name, one) => {
    const selection = selectionOf(one)
    const [path = ''] = load(selection).files
    expect(await driveFile(selection, path)).toBeGreaterThan(0)
  })
})

describe('entries', () => {
  const file = join(into, 'entries.yaml')
  const edited = (text: string, field: FormFieldName, row: number, cells: Record<string, string> | null) =>
    applyEdit(text, { service: 'web', field, row, cells })
  const text = (lines: string) => `services:\n  web:\n${lines}`

  test('are added in the manner of those beside them', () => {
    const listed = text("    image: a  # kept\n    ports:\n    - '80:80'   # main\n\n  # the end\n")
    expect(edited(listed, 'ports', 1, { published: '81', target: '81', protocol: 'udp' })).toBe(
      listed.replace('# main\n', "# main\n    - '81:81/udp'\n"),
    )
    const long = text('    ports:\n      - target: 80\n        published: "8080"\n')
    expect(edited(long, 'ports', 1, { target: '81' })).toBe(`${long}      - target: 81\n`)
    const flow = text('    environment: {A: "1"}\n')
    expect(edited(flow, 'environment', 1, { name: 'B', value: 'x, y' })).toBe(
      flow.replace('}', ', B: "x, y"}'),
    )
    const named = text('    environment:\n      A: 1\n')
    expect(edited(named, 'environment', 1, { name: 'B', value: '1.10' })).toBe(`${named}      B: '1.10'\n`)
  })

  test('of the long form keep what has no cell, and say so', async () => {
    const whole = text(
      '    image: a\n    ports:\n      - {target: 80, mode: host, name: page}\n    volumes:\n      - type: volume\n        source: data\n        target: /d\n        volume: {nocopy: true}\nvolumes: {data: {}}\n',
    )
    expect(edited(whole, 'ports', 0, { published: '8080', target: '81' })).toBe(
      whole.replace(
        'target: 80, mode: host, name: page}',
        "target: 81, mode: host, name: page, published: '8080'}",
      ),
    )
    writeFileSync(file, whole)
    const { fields } = await formOf({ files: [file] }).describe(
      { path: file, text: whole, service: 'web' },
      {},
    )
    const noteOf = (name: FormFieldName) => fields.find((field) => field.name === name)?.rows[0]?.note
    expect(noteOf('ports')).toMatchObject({
      isLocked: false,
      message: 'It also says mode, name, which stays',
    })
    expect(noteOf('volumes')).toMatchObject({ isLocked: false, line: 10 })
    expect(() => edited(whole, 'volumes', 0, { source: './data' })).toThrow('options of a volume')
  })

  test('of a mount take the type of their source', () => {
    const mount = text('    volumes:\n      - type: volume\n        source: data\n        target: /d\n')
    const folder = mount.replace('type: volume', 'type: bind').replace('source: data', 'source: ./data')
    expect(edited(mount, 'volumes', 0, { source: './data' })).toBe(folder)
    expect(edited(folder, 'volumes', 0, { source: 'data' })).toBe(mount)
    expect(edited(mount, 'volumes', 0, { source: '${DATA}' })).toBe(mount.replace('data', '${DATA}'))
    const memory = text('    volumes:\n      - type: tmpfs\n        target: /d\n')
    expect(() => edited(memory, 'volumes', 0, { source: 'data' })).toThrow('tmpfs has no source')
  })

  test('of a dependency say also what happens when it is restarted or missing', () => {
    const listed = text('    depends_on: [db, cache]\n')
    const named = edited(listed, 'depends_on', 0, { required: 'false' })
    expect(named).toBe(
      text(
        '    depends_on:\n      db:\n        condition: service_started\n        required: false\n      cache:\n        condition: service_started\n',
      ),
    )
    expect(edited(named, 'depends_on', 1, { restart: 'true' })).toBe(`${named}        restart: true\n`)
    expect(edited(named, 'depends_on', 0, { required: '' })).toBe(
      named.replace('        required: false\n', ''),
    )
  })

  test('begin what is not there yet', () => {
    const bare = text('    image: a')
    expect(edited(bare, 'ports', 0, { published: '80', target: '80' })).toBe(
      `${bare}\n    ports:\n      - '80:80'`,
    )
    expect(edited(bare, 'memory', 0, { text: '1g' })).toBe(
      `${bare}\n    deploy:\n      resources:\n        limits:\n          memory: 1g`,
    )
    expect(edited('', 'image', 0, { text: 'nginx' })).toBe('services:\n  web:\n    image: nginx\n')
    expect(edited('# none yet\n', 'restart', 0, { text: 'no' })).toBe(
      "# none yet\nservices:\n  web:\n    restart: 'no'\n",
    )
  })

  test('go with their lines, and what they leave empty with them', () => {
    const whole = text(
      '    image: a\n    healthcheck:\n      # each\n      interval: 5s\n      retries: 3\n    ports: [80, 81]\n',
    )
    const one = edited(whole, 'healthcheck.retries', 0, null)
    expect(one).toBe(whole.replace('      retries: 3\n', ''))
    expect(edited(one, 'healthcheck.interval', 0, { text: '' })).toBe(
      text('    image: a\n    ports: [80, 81]\n'),
    )
    expect(edited(whole, 'ports', 0, null)).toBe(whole.replace('80, ', ''))
    expect(edited(whole, 'ports', 1, null)).toBe(whole.replace(', 81', ''))
  })

  test('keep their place when they are renamed; a name that is there is refused', () => {
    const named = text('    environment:\n      A: 1 # first\n      B: 2\n')
    expect(edited(named, 'environment', 0, { name: 'C', value: '1' })).toBe(named.replace('A: 1', 'C: 1'))
    expect(() => edited(named, 'environment', 0, { name: 'B', value: '1' })).toThrow('B is there already')
  })

  test('of a command stay where they are but for those that change', () => {
    const command = text('    command:\n      - run\n      # why\n      - "-x"\n      - last\n')
    expect(edited(command, 'command', 0, { text: 'run\n-y\nlast' })).toBe(command.replace('-x', '-y'))
    expect(edited(command, 'command', 0, { text: 'run\n-x\nnew\nlast\nmore\n' })).toBe(
      `${command.replace('"-x"\n', '"-x"\n      - new\n')}      - more\n`,
    )
    expect(edited(command, 'command', 0, { text: 'run\nlast' })).toBe(
      text('    command:\n      - run\n      # why\n      - last\n'),
    )
  })

  test('keep line ends of Windows', () => {
    const windows = text('    image: a\n    ports:\n      - "80"\n').replaceAll('\n', '\r\n')
    expect(edited(windows, 'ports', 1, { target: '81' })).toBe(`${windows}      - "81"\r\n`)
    expect(edited(windows, 'image', 0, { text: 'b' })).toBe(windows.replace('image: a', 'image: b'))
  })

  test.each([
    ['an alias', 'x: &p [80]\nservices:\n  web:\n    ports: *p\n', 'ports', 1, /\*p, which stands in line 1/],
    [
      'an anchor',
      'services:\n  web:\n    ports: &p [80]\n  b:\n    ports: *p\n',
      'ports',
      3,
      /&p, which another place uses/,
    ],
    ['a merge', 'x: &c\n  image: a\nservices:\n  web:\n    <<: *c\n', 'image', 5, /by <<, from \*c/],
    ['a base', 'services:\n  a: {image: b}\n  web:\n    extends: a\n', 'image', 4, /from a by extends/],
  ] as const)('of %s are locked, with the line to go to', async (_what, whole, field, line, message) => {
    writeFileSync(file, whole)
    const form = formOf({ files: [file] })
    const { fields } = await form.describe({ path: file, text: whole, service: 'web' }, {})
    const found = fields.find(({ name }) => name === field)
    expect(found?.note).toMatchObject({
      line,
      isLocked: true,
      message: expect.stringMatching(message) as string,
    })
  })

  test('that another place uses are not changed by anybody who passes over the lock', () => {
    const shared = 'services:\n  web:\n    environment: &e\n      A: 1\n  b:\n    environment: *e\n'
    expect(() => edited(shared, 'environment', 0, { name: 'A', value: '2' })).toThrow('beyond this value')
    const alias = 'x: &p [80]\nservices:\n  web:\n    ports: *p\n'
    expect(() => edited(alias, 'ports', 0, { target: '81' })).toThrow('stands elsewhere')
  })

  test('of an override win, and are named in the file below', async () => {
    const over = join(into, 'entries.override.yaml')
    const base = text('    image: a\n    environment: {A: 1, B: 2, A_SECRET: x}\n')
    writeFileSync(file, base)
    writeFileSync(over, text('    image: b\n    environment: [B=3, A_SECRET=hunter2]\n'))
    const form = formOf({ files: [file, over] })
    const { fields } = await form.describe({ path: file, text: base, service: 'web' }, {})
    const of = (name: FormFieldName) => fields.find((field) => field.name === name)
    expect(of('image')?.note).toMatchObject({ file: over, line: 3, isLocked: true })
    expect(of('environment')?.rows.map(({ note }) => note?.line)).toEqual([undefined, 4, 4])
    expect(JSON.stringify(fields)).not.toContain('hunter2')
    const above = await form.describe({ path: over, text: '', service: 'web' }, {})
    expect(above.fields.find(({ name }) => name === 'image')?.note).toMatchObject({
      file,
      line: 3,
      isLocked: false,
    })
  })

  test('of an override that is not there yet are checked and lead to the file below', async () => {
    const folder = mkdtempSync(join(into, 'new-'))
    writeFileSync(join(folder, 'compose.yaml'), text('    image: a\n'))
    const path = join(folder, 'compose.override.yaml')
    const form = formOf({ folder })
    expect(await form.listServices({ path, text: '' }, {})).toEqual([{ name: 'web', isHere: false }])
    const { fields } = await form.describe({ path, text: '', service: 'web' }, {})
    expect(fields.find(({ name }) => name === 'image')?.note).toMatchObject({ line: 3, isLocked: false })
    const over = edited('', 'image', 0, { text: 'b' })
    expect(load({ folder }, { texts: { [path]: over } }).model?.services.web?.image).toBe('b')
    expect(errorsOf(load({ folder }, { texts: { [path]: text('    image: [b]\n') } }))).toHaveLength(1)
  })

  test('show what they become, and where each variable comes from', async () => {
    const path = join(own, 'docker-compose.yml')
    const form = formOf({ folder: own })
    const whole = readFileSync(path, 'utf8')
    const { fields } = await form.describe({ path, text: whole, service: 'db' }, {})
    const port = fields.find(({ name }) => name === 'ports')?.rows[0]
    expect(port?.cells).toEqual({
      hostIp: '${STACK_BIND_ADDRESS:-127.0.0.1}',
      published: '${DB_PORT:-5432}',
      target: '5432',
    })
    expect(port?.filled.published).toEqual({
      text: '5432',
      isSecret: false,
      variables: [{ name: 'DB_PORT', from: 'its default' }],
    })
    const variables = fields.find(({ name }) => name === 'environment')?.rows ?? []
    const password = variables.find(({ cells }) => cells.name === 'POSTGRES_PASSWORD')
    expect(password?.isSecret).toBe(false)
    expect(password?.filled.value).toMatchObject({
      isSecret: true,
      variables: [{ name: 'DB_PASSWORD', from: '.env' }],
    })
  })
})

test.each([
  ['DB_PASSWORD', 'hunter2', true],
  ['DB_PASSWORD', '${DB_PASSWORD:?set it}', false],
  ['DB_PASSWORD', '${DB_PASSWORD:-hunter2}', true],
  ['URL', 'postgres://u:hunter2@db/x', true],
  ['URL', 'postgres://${DB_USER:-u}:${DB_PASSWORD:?set DB_PASSWORD}@db:5432/x', false],
  ['PORT', '5432', false],
])('%s=%s holds a secret by itself: %s', (name, value, expected) => {
  expect(isSecretText(name, value)).toBe(expected)
})

test('the variables of our stack say where they are used, and which have to be set', async () => {
  const path = join(own, '.env')
  const found = await formOf({ folder: own }).listVariables({ path, text: 'DB_PORT=5433\n' }, {})
  const of = (name: string) => found.find((variable) => variable.name === name)
  expect(of('DB_PORT')).toMatchObject({ isRequired: false, isMissing: false, fallback: '5432' })
  expect(of('DB_PORT')?.uses.map(({ place }) => place)).toEqual(['services.db.ports'])
  expect(of('DB_PASSWORD')).toMatchObject({ isRequired: true, isMissing: true, isSecret: true })
  expect(of('DB_PASSWORD')?.uses.map(({ place }) => place)).toContain(
    'services.db.environment.POSTGRES_PASSWORD',
  )
})
