import type { Path } from './composeFile.ts'
import { isMapping, type Mapping } from './values.ts'

/** What Atlas says of a field that it does not carry out. */
export interface SupportFinding {
  path: Path
  severity: 'error' | 'notice'
  message: string
}

/** Fields that change what runs and that Atlas cannot do: nothing starts with them. */
const refused: Record<string, string> = {
  credential_spec: 'Windows credential specs are not supported',
  models: 'AI models of Docker Desktop are not supported',
  post_start: 'hooks after the start are not supported; use a service that runs once, with depends_on',
  pre_stop: 'hooks before the stop are not supported; use stop_signal and stop_grace_period',
  provider: 'services of an external provider are not supported',
  use_api_socket: 'the engine’s socket is not handed to containers',
}

/** Fields of a build that the engine's own builder does not know: they need BuildKit. */
const refusedBuild = [
  'additional_contexts',
  'cache_to',
  'entitlements',
  'privileged',
  'provenance',
  'sbom',
  'secrets',
  'ssh',
]

/** Fields that have no effect outside a swarm, or on one machine; compose passes over them in silence. */
const withoutEffect: Record<string, string> = {
  'deploy.endpoint_mode': 'has an effect in a swarm alone',
  'deploy.placement': 'has an effect in a swarm alone',
  'deploy.rollback_config': 'has an effect in a swarm alone',
  'deploy.update_config': 'has an effect in a swarm alone',
  'deploy.labels': 'labels a swarm’s service, not its containers',
  develop: 'is read by `docker compose watch` alone',
  attach: 'says what `docker compose up` prints, and starts nothing else',
}

/** Looks through the services of a canonical file for what Atlas refuses, and for what has no effect here. */
export function findUnsupported(file: Mapping): SupportFinding[] {
  const findings: SupportFinding[] = []
  for (const [name, service] of Object.entries((file.services ?? {}) as Mapping)) {
    if (!isMapping(service)) continue
    const add = (severity: SupportFinding['severity'], steps: string[], message: string) =>
      findings.push({ path: ['services', name, ...steps], severity, message })
    for (const [field, message] of Object.entries(refused)) {
      if (service[field] !== undefined) add('error', [field], `${field}: ${message}`)
    }
    for (const field of refusedBuild) {
      if (isMapping(service.build) && service.build[field] !== undefined)
        add('error', ['build', field], `build.${field} needs BuildKit, which Atlas does not drive`)
    }
    for (const [field, message] of Object.entries(withoutEffect)) {
      const [outer = '', inner] = field.split('.')
      const value =
        inner === undefined ? service[outer] : isMapping(service[outer]) ? service[outer][inner] : undefined
      if (value !== undefined && value !== true) add('notice', field.split('.'), `${field} ${message}`)
    }
    const mode = isMapping(service.deploy) ? service.deploy.mode : undefined
    if (mode !== undefined && mode !== 'replicated')
      add('error', ['deploy', 'mode'], `deploy.mode ${String(mode)} needs a swarm`)
    for (const [index, mount] of ((service.volumes ?? []) as Mapping[]).entries()) {
      if (mount.type === 'cluster' || mount.type === 'npipe' || mount.type === 'image')
        findings.push({
          path: ['services', name, 'volumes', index],
          severity: 'error',
          message: `mounts of the type ${String(mount.type)} are not supported`,
        })
    }
  }
  if (file.models !== undefined)
    findings.push({
      path: ['models'],
      severity: 'error',
      message: 'AI models of Docker Desktop are not supported',
    })
  return findings
}
