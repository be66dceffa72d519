import type { Service, Status } from '../../src-main/containers/contract.ts'

/** The dot of a status, as the status bar and the overview draw services. */
export const dotOf: Record<Status, 'ok' | 'running' | 'failed' | 'warning' | 'stopped'> = {
  ready: 'ok',
  starting: 'running',
  waiting: 'running',
  unhealthy: 'warning',
  failed: 'failed',
  stopped: 'stopped',
  paused: 'stopped',
  absent: 'stopped',
}

const order: Status[] = ['failed', 'unhealthy', 'starting', 'waiting', 'paused', 'stopped', 'absent', 'ready']

/** Services of the worst status first. */
export function worstFirst(services: readonly Service[]): Service[] {
  return [...services].sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status))
}

/** The colour of a service in the log, the same wherever it is drawn. */
export function colourOf(service: string, services: readonly string[]): string {
  const at = services.indexOf(service)
  return `var(--svc-${(at < 0 ? 0 : at) % 8})`
}

/** `postgres:18.4` of `docker.io/library/postgres:18.4`; a digest is cut to its first characters. */
export function shortImage(image: string): string {
  const name = image.split('/').at(-1) ?? image
  return name.replace(/(@sha256:[0-9a-f]{4})[0-9a-f]+$/, '$1')
}

/** `48 s`, `12 min`, `21 h`, `6 d 2 h`: how long something has been up. */
export function formatUptime(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours} h`
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}
