import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import Docker from 'dockerode'
import { AtlasError } from '../errors.ts'
import { type EngineCandidate, listEngineCandidates, socketPathOf } from './dockerEngines.ts'
import { dockerError } from './dockerErrors.ts'

/** An engine that answered. */
export interface Engine {
  source: string
  address: string
  product: 'Docker' | 'Podman'
  version: string
  /** The version of the API that is spoken, such as 1.41. */
  apiVersion: string
  docker: Docker
}

export interface EngineSearch {
  engine: Engine | undefined
  /** Set where an engine should answer and does not. */
  error: AtlasError | undefined
  tried: { source: string; address: string; outcome: string }[]
}

/** The way to whichever engine this machine has. */
export interface DockerEngine {
  /** Looks for the engine anew. Throws nothing. */
  find(): Promise<EngineSearch>
  /**
   * Runs calls of the Engine API on the engine found before, or looks for one. `object` says what the work is about, for
   * errors. Throws `DOCKER_UNAVAILABLE` where there is no engine, and driver errors as errors of the catalogue.
   */
  call<T>(object: string, work: (docker: Docker, engine: Engine) => Promise<T>): Promise<T>
}

/** The newest API that the calls here were written against; an older engine is spoken to in its own version. */
const newestApi = '1.47'

const nothingFound = () =>
  new AtlasError('DOCKER_UNAVAILABLE', 'There is no Docker engine on this machine', {
    object: 'Docker',
    next: 'Install Docker Desktop, Docker Engine, OrbStack, Colima or Podman, start it, and try again; everything else works without it.',
  })

/** Finds an engine as Docker's own command line does, and remembers it until it stops answering. */
export function openDocker(variables: NodeJS.ProcessEnv = process.env): DockerEngine {
  let known: Engine | undefined

  const find = async (): Promise<EngineSearch> => {
    const candidates = listEngineCandidates({
      variables,
      home: variables.HOME ?? homedir(),
      uid: process.getuid?.(),
      platform: process.platform,
    })
    const tried: EngineSearch['tried'] = []
    let error: AtlasError | undefined
    for (const candidate of candidates) {
      const path = socketPathOf(candidate.address)
      if (path && !path.startsWith('//./') && !existsSync(path)) {
        tried.push({ source: candidate.source, address: candidate.address, outcome: 'no such socket' })
        if (candidate.isChosen) error = unreachable(candidate, { code: 'ENOENT', message: 'no such socket' })
        continue
      }
      try {
        known = await connect(candidate)
        tried.push({ source: candidate.source, address: candidate.address, outcome: 'answers' })
        return { engine: known, error: undefined, tried }
      } catch (cause) {
        const problem = cause as NodeJS.ErrnoException
        tried.push({ source: candidate.source, address: candidate.address, outcome: problem.message })
        error ??= unreachable(candidate, problem)
      }
    }
    known = undefined
    return { engine: undefined, error, tried }
  }

  return {
    find,
    call: async (object, work) => {
      let engine = known
      if (!engine) {
        const search = await find()
        if (!search.engine) throw search.error ?? nothingFound()
        engine = search.engine
      }
      try {
        return await work(engine.docker, engine)
      } catch (cause) {
        const error = dockerError(cause, object, engine.address)
        if (error.code === 'DOCKER_UNAVAILABLE') known = undefined
        throw error
      }
    },
  }
}

async function connect(candidate: EngineCandidate): Promise<Engine> {
  const version = await new Docker({ ...optionsOf(candidate), timeout: patienceMs(candidate) }).version()
  const apiVersion = olderOf(version.ApiVersion, newestApi)
  const components = (version as { Components?: { Name: string }[] }).Components ?? []
  return {
    source: candidate.source,
    address: candidate.address,
    product: components.some(({ Name }) => Name.includes('Podman')) ? 'Podman' : 'Docker',
    version: version.Version,
    apiVersion,
    docker: new Docker({ ...optionsOf(candidate), version: `v${apiVersion}` }),
  }
}

/** A socket that nobody serves refuses at once, so that one which is silent is served by a busy engine; a host may be gone. */
const patienceMs = ({ address }: EngineCandidate) => (socketPathOf(address) ? 15_000 : 3000)

/** docker-modem fills what is left out from DOCKER_HOST: everything is given, so that only the candidate counts. */
function optionsOf({ address, tls }: EngineCandidate): Docker.DockerOptions {
  const socketPath = socketPathOf(address)
  if (socketPath) return { socketPath, host: undefined, protocol: 'http' } as Docker.DockerOptions
  const url = new URL(address)
  const isSsh = url.protocol === 'ssh:'
  return {
    protocol: isSsh ? 'ssh' : tls ? 'https' : 'http',
    host: url.hostname,
    port: url.port || (isSsh ? 22 : tls ? 2376 : 2375),
    pathPrefix: '/',
    ...(url.username && { username: url.username }),
    ...(tls && { ca: tls.ca, cert: tls.cert, key: tls.key }),
    ...(tls?.isUnverified && { checkServerIdentity: () => undefined }),
    ...(isSsh && { sshOptions: { agent: process.env.SSH_AUTH_SOCK } }),
  } as Docker.DockerOptions
}

function unreachable(
  { source, address }: EngineCandidate,
  cause: { code?: string | undefined; message: string },
) {
  const isDenied = cause.code === 'EACCES'
  return new AtlasError(
    'DOCKER_UNAVAILABLE',
    isDenied ? 'The Docker engine may not be used by this user' : 'The Docker engine does not answer',
    {
      object: address || source,
      sqlState: cause.code,
      detail: address === '' ? `${source} names no address` : `${source}: ${cause.message}`,
      next: isDenied
        ? 'Add your user to the group of the socket (usually: sudo usermod -aG docker $USER) and log in again.'
        : source === 'DOCKER_HOST' || source.startsWith('context ')
          ? `Start that engine, or unset ${source === 'DOCKER_HOST' ? source : 'the context (docker context use default)'}; everything else works without it.`
          : 'Start Docker; everything else works without it.',
    },
    { cause },
  )
}

/** Compares `1.9` and `1.41` part by part. */
function olderOf(a: string, b: string): string {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number))
  const difference = (left?.[0] ?? 0) - (right?.[0] ?? 0) || (left?.[1] ?? 0) - (right?.[1] ?? 0)
  return difference < 0 ? a : b
}

/**
 * Asks the Docker engine for its version. Resolves to undefined where there is no engine to ask.
 * Throws `DOCKER_UNAVAILABLE` where one should be and does not answer.
 */
export async function pingDocker(engine: Pick<DockerEngine, 'find'> = openDocker()) {
  const { engine: found, error } = await engine.find()
  if (error) throw error
  return found && { version: found.version, address: found.address }
}
