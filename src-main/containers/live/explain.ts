import type Docker from 'dockerode'
import type { Failure } from '../contract.ts'
import { healthOf } from './state.ts'

interface Case {
  cause: Failure['cause']
  /** Of the engine's error and the last lines of the log. */
  pattern: RegExp
  explain: (
    match: RegExpMatchArray,
    inspect: Docker.ContainerInspectInfo,
    known: Known,
  ) => Omit<Failure, 'cause' | 'evidence'>
}

/** What others than the container itself say of it. */
interface Known {
  /** What a client of the database was told. */
  authentication?: string | undefined
  /** Who has the port that it wants. */
  portHolder?: string | undefined
}

const takenPort =
  /(?:Bind for|listen tcp4?|bind host port(?: for)?) ?\[?([\d.:a-f]*?)\]?:(\d+)[^\n]*(?:port is already allocated|address already in use)[^\n]*/i

/** The port of this machine that the engine could not give to a container; undefined where that is not what failed. */
export function takenPortOf({ State: state }: Docker.ContainerInspectInfo): number | undefined {
  const port = takenPort.exec(state.Error)?.[2]
  return port === undefined ? undefined : Number(port)
}

// The first that fits wins: the engine's own refusals, then what the programs write before they end.
const cases: Case[] = [
  {
    cause: 'port-taken',
    pattern: takenPort,
    explain: ([, , port], _inspect, { portHolder }) => ({
      title: portHolder ? `Port ${port} is taken by ${portHolder}` : `Port ${port} is taken`,
      next: `Stop ${portHolder ?? 'what listens there'}, or choose a free port in .env and bring the stack up again.`,
      remedy: `ss -ltnp 'sport = :${port}'`,
    }),
  },
  {
    cause: 'wrong-architecture',
    pattern: /[^\n]*exec format error[^\n]*/i,
    explain: (_match, { Config }) => ({
      title: 'The image is for another processor',
      next: 'Pull the image for this machine, or name the platform in the compose file.',
      remedy: `docker image inspect ${Config.Image} --format '{{.Architecture}}'`,
    }),
  },
  {
    cause: 'data-of-other-version',
    pattern:
      /data directory was initialized by PostgreSQL version (\S+), which is not compatible with this version (\S+?)\.?(?=\s|$)/,
    explain: ([, of, wanted]) => ({
      title: `The data was made by PostgreSQL ${of}, the image is ${wanted}`,
      next: `Use an image of PostgreSQL ${of}; or dump with ${of}, empty the volume, and restore with ${wanted}. The data is untouched.`,
    }),
  },
  {
    // docker-library/postgres, docker-entrypoint.sh of 18 and newer.
    cause: 'data-of-other-version',
    pattern: /in 18\+, these Docker images are configured to store database data[^\n]*/,
    explain: () => ({
      title: 'The volume is mounted where images before 18 keep their data',
      next: 'A new volume belongs at /var/lib/postgresql, without /data. Data of an older version needs the image that made it: dump with that, and restore into the new one. The data is untouched.',
    }),
  },
  {
    cause: 'data-of-other-version',
    pattern: /Can't handle RDB format version (\d+)/,
    explain: () => ({
      title: 'The data was written by a newer Redis',
      next: 'Use an image at least as new as the one that wrote the volume. The data is untouched.',
    }),
  },
  {
    cause: 'disk-full',
    pattern: /[^\n]*(?:No space left on device|could not extend file|ENOSPC|disk quota exceeded)[^\n]*/i,
    explain: () => ({
      title: 'The disk is full',
      next: 'Free space where the engine keeps its data, then start the service again. Nothing that was committed is lost.',
      remedy: 'docker system df',
    }),
  },
  {
    cause: 'variable-missing',
    pattern:
      /(?:Database is uninitialized and superuser password is not specified|required variable (\S+) is missing|The variable (\S+) cannot be used|environment variable "?([A-Z_]+)"? (?:is )?(?:not set|required|missing))[^\n]*/i,
    explain: ([text, ...names]) => {
      const name = names.find(Boolean) ?? (text?.includes('superuser') ? 'POSTGRES_PASSWORD' : 'a variable')
      return { title: `${name} is not set`, next: `Set ${name} in .env and bring the service up again.` }
    },
  },
  {
    cause: 'command-missing',
    pattern:
      /[^\n]*(?:executable file not found|no such file or directory: unknown|exec: "[^"]*": stat)[^\n]*/i,
    explain: () => ({
      title: 'The command is not in the image',
      next: 'Check `command` and `entrypoint` in the compose file, and that the image is the one you mean.',
    }),
  },
  {
    cause: 'password-changed',
    pattern: /password authentication failed for user "([^"]+)"/,
    explain: ([, user]) => ({
      title: `${user} has another password than the variables say`,
      next: 'The image sets the password only when it makes an empty volume. Set it in the database as well, or put the old one back in .env.',
      remedy: `alter role "${user}" password '…';`,
    }),
  },
  {
    // runc, and crun of Podman.
    cause: 'permission-denied',
    pattern: /[^\n]*(?:setting rlimit|setrlimit)[^\n]*/i,
    explain: () => ({
      title: 'The engine may not give the container its limits',
      next: 'Set lower ones for the service, such as ulimits: {nofile: 1024, nproc: 1024}; `ulimit -Hn` and `ulimit -Hu` show the most. For every container of Podman they stand under default_ulimits in containers.conf.',
    }),
  },
  {
    cause: 'permission-denied',
    pattern: /[^\n]*(?:Permission denied|Operation not permitted)[^\n]*/,
    explain: () => ({
      title: 'The container may not read or write something that it needs',
      next: 'Check who owns the mounted folder, and the `user` of the service.',
    }),
  },
]

/** Why a container failed, from its state and the last lines of its log; null while nothing has failed. */
export function explainFailure(
  inspect: Docker.ContainerInspectInfo,
  logTail: string,
  known: Known = {},
): Failure | null {
  const { State: state } = inspect
  const isUnhealthy = healthOf(inspect) === 'unhealthy'
  const hasEnded = ['exited', 'dead', 'restarting'].includes(state.Status)
  const isFailed =
    isUnhealthy ||
    Boolean(state.Error) ||
    (hasEnded && (state.OOMKilled || ![0, 130, 137, 143].includes(state.ExitCode))) ||
    Boolean(known.authentication)
  if (!isFailed) return null
  if (state.OOMKilled)
    return {
      cause: 'out-of-memory',
      title: 'It used more memory than its limit',
      evidence: `limit ${inspect.HostConfig.Memory} bytes, exit code ${state.ExitCode}`,
      next: 'Raise its memory in .env, or make it use less; then start it again.',
    }

  const probed = isUnhealthy ? lastProbeOf(state) : ''
  const said = [state.Error, known.authentication, probed, hasEnded || isUnhealthy ? logTail : '']
    .filter(Boolean)
    .join('\n')
  for (const { cause, pattern, explain } of cases) {
    const match = said.match(pattern)
    if (!match) continue
    const found = match[0].trim()
    const isInProbe = probed.includes(found)
    const evidence = probed && !isInProbe ? `${found}\nIts health check said: ${probed}` : probed || found
    return { cause, evidence, ...explain(match, inspect, known) }
  }
  if (isUnhealthy)
    return {
      cause: 'unhealthy',
      title: `Its health check has failed ${state.Health?.FailingStreak ?? ''} times`.replace('  ', ' '),
      evidence: probed,
      next: 'What the check printed last stands above; the log tells what the program does.',
    }
  const lastLines = logTail.trim().split('\n').slice(-3).join('\n')
  return {
    cause: state.ExitCode === 137 ? 'killed' : 'exited',
    title: state.Error || `It ended with exit code ${state.ExitCode}`,
    evidence: lastLines || 'It wrote nothing.',
    next: 'Read its log, mend what it names, and start it again.',
  }
}

function lastProbeOf({ Health: health }: Docker.ContainerInspectInfo['State']): string {
  const last = health?.Log?.at(-1)
  return last?.Output?.trim() || `exit code ${last?.ExitCode ?? 'unknown'}, no output`
}
