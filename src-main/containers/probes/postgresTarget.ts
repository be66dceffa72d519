import type Docker from 'dockerode'
import type { PostgresTarget } from '../../adapters/postgres.ts'
import { variablesOf } from './kinds.ts'

/** Where a port of a container can be reached from this machine; undefined where it is not published. */
export function publishedAt(
  inspect: Docker.ContainerInspectInfo,
  port: number,
): { host: string; port: number } | undefined {
  const binding = inspect.NetworkSettings?.Ports?.[`${port}/tcp`]?.[0]
  if (!binding?.HostPort) return undefined
  // Not `localhost`: engines in a virtual machine forward IPv4 alone.
  const host = ['', '0.0.0.0', '::'].includes(binding.HostIp) ? '127.0.0.1' : binding.HostIp
  return { host, port: Number(binding.HostPort) }
}

/** How to log in to a database container, from its own variables; undefined where its port is not published. */
export function postgresTargetOf(inspect: Docker.ContainerInspectInfo): PostgresTarget | undefined {
  const place = publishedAt(inspect, 5432)
  if (!place) return undefined
  const variables = variablesOf(inspect.Config.Env)
  const user = variables.get('POSTGRES_USER') || 'postgres'
  return {
    ...place,
    user,
    database: variables.get('POSTGRES_DB') || user,
    password: variables.get('POSTGRES_PASSWORD'),
    tls: false,
  }
}
