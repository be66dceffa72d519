// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the templates are compose's
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDotenv } from '../../src-main/stack/compose/dotenv.ts'
import { interpolateText } from '../../src-main/stack/compose/interpolate.ts'
import { createLoader } from '../../src-main/stack/compose/project.ts'
import { parseMount, parsePort } from '../../src-main/stack/compose/shortForms.ts'
import { formatDuration, parseBytes, parseDuration } from '../../src-main/stack/compose/units.ts'
import { splitWords } from '../../src-main/stack/compose/words.ts'

const root = join(import.meta.dirname, '..', '..')
const load = createLoader(join(root, 'resources', 'schemas', 'compose-spec.json'), {})

/** The problems of a text that stands in for a compose file. */
function problemsOf(text: string, variables = '') {
  const folder = '/nowhere'
  const { problems } = load(
    { folder, files: [`${folder}/compose.yaml`] },
    { texts: { [`${folder}/compose.yaml`]: text, [`${folder}/.env`]: variables } },
  )
  return problems.map(({ severity, line, column, path, message }) => ({
    severity,
    line,
    column,
    path,
    message,
  }))
}

test('our own stack is valid with every profile, and says nothing is without effect', () => {
  const stack = load({
    files: [join(root, 'resources', 'stack', 'docker-compose.yml')],
    envFiles: [join(root, 'resources', 'stack', 'env', 'local.env')],
    profiles: ['*'],
  })
  expect(stack.problems).toEqual([])
  expect(Object.keys(stack.model?.services ?? {})).toHaveLength(8)
})

describe('a problem', () => {
  test('stands at the key that is unknown', () => {
    expect(problemsOf('services:\n  a:\n    image: x\n    portz: []\n')).toEqual([
      {
        severity: 'error',
        line: 4,
        column: 5,
        path: 'services.a.portz',
        message: 'portz is no field of the service a',
      },
    ])
  })

  test('stands at the value of a wrong type, and says which would be right', () => {
    expect(problemsOf('services:\n  a:\n    image: x\n    ports: 80\n')).toMatchObject([
      { line: 4, column: 12, message: 'must be a list, and is a number' },
    ])
  })

  test('of the second file names the second file', () => {
    const { problems } = load(
      { folder: '/n', files: ['/n/a.yaml', '/n/b.yaml'] },
      {
        texts: {
          '/n/a.yaml': 'services: {a: {image: x}}',
          '/n/b.yaml': 'services:\n  a:\n    networks: [q]\n',
        },
      },
    )
    expect(problems).toMatchObject([{ file: '/n/b.yaml', line: 3, message: 'the network q is not declared' }])
  })

  test('is a notice where compose is silent: an unset variable, a field of swarms', () => {
    expect(
      problemsOf('services:\n  a:\n    image: x:$TAG\n    deploy:\n      placement: {constraints: [a==b]}\n'),
    ).toMatchObject([
      { severity: 'notice', line: 3, message: 'the variable TAG is not set: it becomes empty' },
      { severity: 'notice', line: 5, path: 'services.a.deploy.placement' },
    ])
  })

  test.each([
    ['post_start: [{command: x}]', 'post_start'],
    ['use_api_socket: true', 'use_api_socket'],
    ['provider: {type: x}', 'provider'],
    ['deploy: {mode: global}', 'deploy.mode'],
    ['build: {context: ., ssh: [default]}', 'build.ssh'],
    ['volumes: [{type: image, source: x, target: /y}]', 'mounts of the type image'],
  ])('refuses by name what Atlas cannot do: %s', (field, name) => {
    const errors = problemsOf(`services:\n  a:\n    image: x\n    ${field}\n`)
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatchObject({ severity: 'error', line: 4 })
    expect(errors[0]?.message).toContain(name)
  })

  test('ends an alias that multiplies itself', () => {
    const levels = Array.from({ length: 12 }, (_item, level) =>
      level === 0
        ? 'l0: &l0 [x,x,x,x,x,x,x,x,x]'
        : `l${level}: &l${level} [${Array(9).fill(`*l${level - 1}`)}]`,
    )
    expect(problemsOf(`x-bomb:\n  ${levels.join('\n  ')}\n`)[0]?.message).toMatch(/alias/i)
  })
})

test('whatever is typed, reading answers with problems and does not throw', () => {
  const texts = fc.oneof(
    fc.string(),
    fc.jsonValue().map((value) => JSON.stringify({ services: { a: value } })),
    fc
      .jsonValue()
      .map((value) => JSON.stringify({ services: { a: { image: 'x', ports: value, volumes: value } } })),
    fc.jsonValue().map((value) => JSON.stringify({ services: { a: { image: 'x', environment: value } } })),
  )
  fc.assert(
    fc.property(texts, (text) => Array.isArray(problemsOf(text))),
    { numRuns: 300 },
  )
})

test('interpolation keeps what is no template', () => {
  const lookup = (name: string) => (name === 'A' ? 'one' : undefined)
  expect(interpolateText('$1 costs 5$ $$A ${A} ${B:-${A}$$}', lookup)).toEqual({
    text: '$1 costs 5$ $A one one$',
    unset: [],
  })
  expect(() => interpolateText('${B?no ${A}}', lookup)).toThrow('the variable B has no value: no one')
  expect(() => interpolateText('${}', lookup)).toThrow('no valid template')
  expect(() => interpolateText('${A B}', lookup)).toThrow('no valid template')
})

test('an env file keeps what a generated password may hold', () => {
  const safe = fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/)
  fc.assert(
    fc.property(safe, (value) => {
      expect(parseDotenv(`A=${value}\n`, () => undefined)).toEqual({ A: value })
    }),
  )
  expect(() => parseDotenv('A=1\nno assignment\n', () => undefined)).toThrow('this line is no NAME=value')
  expect(parseDotenv('A=\'x # y\'\r\nB="a\\$b\nc" # d\n', () => undefined)).toEqual({
    A: 'x # y',
    B: 'a$b\nc',
  })
})

test('durations and sizes', () => {
  expect(formatDuration(parseDuration('90m'))).toBe('1h30m0s')
  expect(formatDuration(parseDuration('1.5s'))).toBe('1.5s')
  expect(parseDuration('1h')).toBe(3600e9)
  expect(parseBytes('1.5g')).toBe(1_610_612_736)
  for (const bad of ['', '5', 's', '1 h', '5x']) expect(() => parseDuration(bad)).toThrow('is no duration')
  expect(() => parseBytes('12q')).toThrow('is no size')
})

test('ports, volumes and words', () => {
  expect(parsePort('[::1]:80:80/udp')).toEqual([
    { mode: 'ingress', host_ip: '::1', target: 80, published: '80', protocol: 'udp' },
  ])
  for (const bad of ['80:', '1-2:1-3', '99999', 'a:1', '1:2:3:4'])
    expect(() => parsePort(bad)).toThrow(RangeError)
  expect(parseMount('C:\\data:/x:ro', '/f')).toMatchObject({
    type: 'bind',
    source: 'C:\\data',
    read_only: true,
  })
  expect(splitWords(`a "b c" 'd "e' f\\ g ""`)).toEqual(['a', 'b c', 'd "e', 'f g', ''])
  expect(() => splitWords('a "b')).toThrow('open')
})
