import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bindParameters, dependenciesOf, parseDefinition } from '../../src-main/pipelines/definition.ts'

const folder = join(import.meta.dirname, '..', '..', 'resources', 'pipelines')
const flights = () => parseDefinition(readFileSync(join(folder, 'flights.yaml'), 'utf8'), 'flights.yaml')

const head = 'name: p\nowner: o\n'
const land = (id: string) => `  - { id: ${id}, kind: land, source: s, file: f.csv }\n`

describe('parseDefinition', () => {
  test.each(['flights', 'bird_strikes'])('reads the sample %s', (name) => {
    const definition = parseDefinition(readFileSync(join(folder, `${name}.yaml`), 'utf8'), `${name}.yaml`)
    expect(definition.name).toBe(name)
    expect(definition.tasks.length).toBeGreaterThanOrEqual(3)
  })

  test.each([
    ['broken YAML', `${head}tasks: [`, /p\.yaml:/],
    ['an unknown key', `${head}color: red\ntasks:\n${land('a')}`, /definition/],
    [
      'an unknown key of a task',
      `${head}tasks:\n  - { id: a, kind: land, source: s, file: f, fle: g }\n`,
      /fle/,
    ],
    ['an unknown kind', `${head}tasks:\n  - { id: a, kind: fly }\n`, /kind/],
    ['two tasks of one name', `${head}tasks:\n${land('a')}${land('a')}`, /two tasks are called a/],
    [
      'a task that does not exist',
      `${head}tasks:\n  - { id: a, kind: land, source: s, file: f, after: [b] }\n`,
      /waits for b/,
    ],
    [
      'a cycle',
      `${head}tasks:\n  - { id: a, kind: land, source: s, file: f, after: [b] }\n  - { id: b, kind: land, source: s, file: f, after: [a] }\n`,
      /a → b → a/,
    ],
    [
      'a task that reads what writes nothing of its kind',
      `${head}tasks:\n${land('a')}  - { id: b, kind: fact, records: a, fact: f, event: e }\n`,
      /validates nothing/,
    ],
  ])('refuses %s by name', (_what, text, problem) => {
    expect(() => parseDefinition(text, 'p.yaml')).toThrow(
      expect.objectContaining({
        code: 'PIPELINE_INVALID',
        fault: expect.objectContaining({ object: expect.stringContaining('p.yaml') }),
      }),
    )
    try {
      parseDefinition(text, 'p.yaml')
    } catch (error) {
      const { message, fault } = error as Error & { fault: { object: string } }
      expect(`${message} ${fault.object}`).toMatch(problem)
    }
  })

  test('says on which line', () => {
    const text = `${head}tasks:\n${land('a')}  - id: b\n    kind: validate\n    batch: a\n    record: r\n    fields:\n      x: { from: x, type: money }\n`
    expect(() => parseDefinition(text, 'p.yaml')).toThrow(
      expect.objectContaining({ fault: expect.objectContaining({ object: 'p.yaml:10' }) }),
    )
  })
})

describe('bindParameters', () => {
  const bind = (given: Record<string, unknown>) =>
    bindParameters(flights(), given, { fileName: 'flights.yaml' })

  test('fills values in with their types', () => {
    const { tasks, parameters } = bind({ flights_file: '/tmp/x.csv', longest_delay: '90' })
    expect(parameters).toMatchObject({ flights_file: '/tmp/x.csv', longest_delay: 90 })
    expect(tasks.find(({ id }) => id === 'land_flights')).toMatchObject({ file: '/tmp/x.csv' })
    expect(tasks.find(({ id }) => id === 'validate_flights')).toMatchObject({
      fields: { delay_minutes: { max: 90 } },
    })
  })

  test.each([
    [{ nope: 1 }, 'nope'],
    [{ longest_delay: 'long' }, 'longest_delay'],
    [{ flights_file: '' }, 'flights_file'],
  ])('refuses %j', (given, name) => {
    expect(() => bind(given)).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID', message: expect.stringContaining(name) }),
    )
  })

  test('a task waits for what it reads and for what it names', () => {
    const task = bind({}).tasks.find(({ id }) => id === 'publish_flights')
    expect(task && dependenciesOf(task)).toEqual(['validate_flights', 'publish_airports'])
  })
})
