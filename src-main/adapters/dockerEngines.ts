import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A place where an engine may answer, and what named it. */
export interface EngineCandidate {
  /** `DOCKER_HOST`, `context colima`, `Docker Desktop`, `Podman`… for a person to read. */
  source: string
  /** As DOCKER_HOST writes it: `unix:///…`, `npipe:////./pipe/…`, `tcp://…`, `ssh://…`. */
  address: string
  /** A person or a setting named it: where it does not answer, no other is tried in its place. */
  isChosen: boolean
  tls?: { ca?: string; cert?: string; key?: string; isUnverified: boolean }
}

interface Machine {
  variables: NodeJS.ProcessEnv
  home: string
  uid: number | undefined
  platform: NodeJS.Platform
}

/**
 * Where an engine is looked for, in the order of Docker's command line: DOCKER_HOST, then the context that
 * DOCKER_CONTEXT or ~/.docker/config.json names, then the sockets of the products that are in use. What was named on
 * purpose stands alone. Throws nothing: an unreadable setting becomes a candidate whose address says so.
 */
export function listEngineCandidates(machine: Machine): EngineCandidate[] {
  const { variables, home } = machine
  if (variables.DOCKER_HOST) {
    const folder = variables.DOCKER_CERT_PATH
    const usesTls = Boolean(variables.DOCKER_TLS_VERIFY) && folder
    return [
      {
        source: 'DOCKER_HOST',
        address: variables.DOCKER_HOST.includes('://')
          ? variables.DOCKER_HOST
          : `tcp://${variables.DOCKER_HOST}`,
        isChosen: true,
        ...(usesTls && { tls: readTls(folder, false) }),
      },
    ]
  }
  const dockerFolder = variables.DOCKER_CONFIG ?? join(home, '.docker')
  const context = variables.DOCKER_CONTEXT ?? readJson(join(dockerFolder, 'config.json'))?.currentContext
  if (typeof context === 'string' && context !== '' && context !== 'default')
    return [fromContext(dockerFolder, context)]
  return socketCandidates(machine)
}

/** A context's endpoint is kept under the SHA-256 of its name. */
function fromContext(dockerFolder: string, name: string): EngineCandidate {
  const id = createHash('sha256').update(name).digest('hex')
  const meta = readJson(join(dockerFolder, 'contexts', 'meta', id, 'meta.json'))
  const endpoint = (meta?.Endpoints as Record<string, { Host?: string; SkipTLSVerify?: boolean }> | undefined)
    ?.docker
  const tlsFolder = join(dockerFolder, 'contexts', 'tls', id, 'docker')
  return {
    source: `context ${name}`,
    address: endpoint?.Host ?? '',
    isChosen: true,
    ...(existsSync(tlsFolder) && { tls: readTls(tlsFolder, endpoint?.SkipTLSVerify === true) }),
  }
}

function socketCandidates({ variables, home, uid, platform }: Machine): EngineCandidate[] {
  const candidate = (source: string, path: string): EngineCandidate => ({
    source,
    address: platform === 'win32' ? `npipe://${path}` : `unix://${path}`,
    isChosen: false,
  })
  if (platform === 'win32') {
    return [
      candidate('Docker', '//./pipe/docker_engine'),
      candidate('Docker Desktop', '//./pipe/dockerDesktopLinuxEngine'),
      candidate('Podman', '//./pipe/podman-machine-default'),
    ]
  }
  const runtime = variables.XDG_RUNTIME_DIR ?? (uid === undefined ? undefined : `/run/user/${uid}`)
  const colima = ['default', ...listFolders(join(home, '.colima')).filter((name) => name !== 'default')]
  return [
    candidate('Docker', '/var/run/docker.sock'),
    candidate('Docker Desktop', join(home, '.docker/run/docker.sock')),
    candidate('Docker Desktop', join(home, '.docker/desktop/docker.sock')),
    ...(runtime ? [candidate('rootless Docker', join(runtime, 'docker.sock'))] : []),
    candidate('OrbStack', join(home, '.orbstack/run/docker.sock')),
    candidate('Rancher Desktop', join(home, '.rd/docker.sock')),
    ...colima.map((profile) => candidate(`Colima ${profile}`, join(home, '.colima', profile, 'docker.sock'))),
    candidate('Lima', join(home, '.lima/default/sock/docker.sock')),
    candidate('Lima', join(home, '.lima/docker/sock/docker.sock')),
    ...(runtime ? [candidate('Podman', join(runtime, 'podman/podman.sock'))] : []),
    candidate('Podman', '/run/podman/podman.sock'),
    candidate('Podman machine', join(home, '.local/share/containers/podman/machine/podman.sock')),
  ]
}

/** The file of a socket's address; undefined of the others. */
export function socketPathOf(address: string): string | undefined {
  return /^(?:unix|npipe):\/\/(.+)$/.exec(address)?.[1]
}

function readTls(folder: string, isUnverified: boolean): NonNullable<EngineCandidate['tls']> {
  const read = (name: string) => {
    const path = join(folder, name)
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined
  }
  const [ca, cert, key] = [read('ca.pem'), read('cert.pem'), read('key.pem')]
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }), isUnverified }
}

function readJson(path: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  } catch {
    return undefined
  }
}

function listFolders(path: string): string[] {
  try {
    return readdirSync(path).sort()
  } catch {
    return []
  }
}
