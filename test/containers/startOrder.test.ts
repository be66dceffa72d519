import { describe, expect, test } from 'vitest'
import type { Service } from '../../src-main/containers/contract.ts'
import { edgesOf, parseDependencies } from '../../src-main/containers/live/startOrder.ts'

const service = (name: string, status: Service['status'], container: object = {}): Service => ({
  name,
  profiles: [],
  image: '',
  status,
  reason: '',
  containers: [
    { health: 'none', state: 'running', exitCode: null, ...container } as Service['containers'][number],
  ],
})
const needs = (
  of: string,
  condition: 'service_started' | 'service_healthy' | 'service_completed_successfully',
) => new Map([['api', [{ service: of, condition, isRequired: true }]]])

describe('the start order', () => {
  test('reads the label of every release of compose', () => {
    expect(parseDependencies('db:service_healthy:false,cache:service_started:true')).toEqual([
      { service: 'db', condition: 'service_healthy', isRequired: true },
      { service: 'cache', condition: 'service_started', isRequired: true },
    ])
    expect(parseDependencies('db')).toEqual([
      { service: 'db', condition: 'service_started', isRequired: true },
    ])
    expect(parseDependencies(undefined)).toEqual([])
  })

  test('names the edge that blocks, and why', () => {
    const services = [
      service('db', 'starting', { health: 'starting' }),
      service('api', 'waiting', { state: 'created' }),
    ]
    expect(edgesOf(services, needs('db', 'service_healthy'))).toMatchObject([
      {
        from: 'db',
        to: 'api',
        isMet: false,
        isBlocking: true,
        says: 'api waits until db is healthy: db is starting',
      },
    ])
  })

  test('holds nothing against a service that is ready', () => {
    const services = [service('db', 'unhealthy', { health: 'unhealthy' }), service('api', 'ready')]
    expect(edgesOf(services, needs('db', 'service_healthy'))[0]).toMatchObject({
      isMet: false,
      isBlocking: false,
    })
  })

  test.each([
    ['service_healthy', 'ready', { health: 'healthy' }, true],
    ['service_healthy', 'ready', { health: 'none' }, false],
    ['service_started', 'unhealthy', {}, true],
    ['service_started', 'waiting', { state: 'created' }, false],
    ['service_completed_successfully', 'stopped', { state: 'exited', exitCode: 0 }, true],
    ['service_completed_successfully', 'failed', { state: 'exited', exitCode: 1 }, false],
  ] as const)('%s of a service that is %s %o: %s', (condition, status, container, isMet) => {
    const services = [service('db', status, container), service('api', 'waiting')]
    expect(edgesOf(services, needs('db', condition))[0]?.isMet).toBe(isMet)
  })
})
