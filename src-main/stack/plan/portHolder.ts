import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'

/** Whether a port of this machine can be listened on at an address. Resolves to the system's code where it cannot. */
export function tryPort(host: string, port: number): Promise<'free' | string> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'EUNKNOWN'))
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve('free')))
  })
}

/** The next free port after one that is taken. */
export async function findFreePort(
  host: string,
  after: number,
  avoid: Set<number>,
): Promise<number | undefined> {
  for (let port = after + 1; port <= Math.min(after + 200, 65_535); port += 1) {
    if (!avoid.has(port) && (await tryPort(host, port)) === 'free') return port
  }
  return undefined
}

/** The process that listens on a TCP port, as `name (pid)`, where Linux says it and this user may see it. */
export function findProcess(port: number): string | undefined {
  try {
    const inode = ['tcp', 'tcp6'].flatMap(listening).find((entry) => entry.port === port)?.inode
    if (inode === undefined) return undefined
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      if (holds(pid, inode)) return `${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()} (process ${pid})`
    }
  } catch {
    // No /proc: another system, or not ours to see.
  }
  return undefined
}

/** Lines of /proc/net/tcp: `sl local_address rem_address st …  inode`; state 0A listens. */
function listening(table: string): { port: number; inode: string }[] {
  return readFileSync(`/proc/net/${table}`, 'utf8')
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === '0A')
    .map((fields) => ({ port: Number.parseInt(fields[1]?.split(':')[1] ?? '', 16), inode: fields[9] ?? '' }))
}

function holds(pid: string, inode: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`
      } catch {
        return false
      }
    })
  } catch {
    return false
  }
}
