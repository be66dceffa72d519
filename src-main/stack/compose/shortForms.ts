import { homedir } from 'node:os'
import { isAbsolute, posix, resolve } from 'node:path'
import type { MountModel, PortModel } from './model.ts'

/** The short forms of ports, volumes and devices, written out. Each throws a `RangeError` that says what it takes. */

/** `[IP:][HOST:]CONTAINER[/protocol]`, with ranges; one entry a container port. */
export function parsePort(text: string): PortModel[] {
  const match =
    /^(?:(\[[0-9a-fA-F:.%\w]+\]|[^:[\]]*):)?(?:(\d*(?:-\d+)?):)?(\d+(?:-\d+)?)(?:\/([a-z]+))?$/i.exec(text)
  const problem = () => new RangeError(`${text} is no port: it is written [[IP:]HOST:]CONTAINER[/protocol]`)
  if (!match) throw problem()
  let [, ip = '', host = ''] = match
  const [, , , container = '', protocol = 'tcp'] = match
  if (host === '' && /^\d+(-\d+)?$/.test(ip)) [ip, host] = ['', ip]
  if (ip !== '' && !/^\[.*\]$/.test(ip) && !/^[\d.]+$/.test(ip)) throw problem()
  const targets = expandRange(container)
  const published = host === '' ? [] : expandRange(host)
  if ([...targets, ...published].some((port) => port < 0 || port > 65_535))
    throw new RangeError(`${text} names a port over 65535`)
  if (published.length > 0 && targets.length > 1 && published.length !== targets.length)
    throw new RangeError(`${text} publishes ${published.length} ports for ${targets.length}`)
  return targets.map((target, index) => ({
    mode: 'ingress',
    ...(ip !== '' && { host_ip: ip.replace(/^\[|\]$/g, '') }),
    target,
    ...(published.length > 0 && {
      published: targets.length === 1 ? host : String(published[index]),
    }),
    protocol: protocol.toLowerCase(),
  }))
}

/** `8000-8002` as its numbers. */
export function expandRange(text: string): number[] {
  const [from = Number.NaN, to = from] = text.split('-').map(Number)
  if (!Number.isInteger(from) || !Number.isInteger(to) || to < from || to - from > 65_535)
    throw new RangeError(`${text} is no range of ports`)
  return Array.from({ length: to - from + 1 }, (_item, index) => from + index)
}

const propagations = new Set(['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave'])

/** A source of a mount that looks like a path is a folder of the machine, else a named volume. */
export const isFolder = (source: string) => /^[./~\\]/.test(source) || /^[A-Za-z]:/.test(source)

/** `[SOURCE:]TARGET[:options]`. */
export function parseMount(text: string, folder: string): MountModel {
  const parts = splitMount(text)
  if (parts.length === 0 || parts.length > 3 || parts.some((part) => part === ''))
    throw new RangeError(`${text} is no volume: it is written [SOURCE:]TARGET[:options]`)
  const [first = '', second, third] = parts
  if (second === undefined) return { type: 'volume', target: cleanTarget(first), volume: {} }
  const options = third?.split(',') ?? []
  const propagation = options.find((option) => propagations.has(option))
  const selinux = options.find((option) => option === 'z' || option === 'Z')
  const mount: MountModel = isFolder(first)
    ? {
        type: 'bind',
        source: resolvePath(first, folder),
        target: cleanTarget(second),
        bind: { create_host_path: true, ...(propagation && { propagation }), ...(selinux && { selinux }) },
      }
    : {
        type: 'volume',
        source: first,
        target: cleanTarget(second),
        volume: options.includes('nocopy') ? { nocopy: true } : {},
      }
  return { ...mount, ...(options.includes('ro') && { read_only: true }) }
}

/** A colon after a drive letter separates nothing. */
function splitMount(text: string): string[] {
  const drive = /^[A-Za-z]:(?=[\\/])/.exec(text)?.[0] ?? ''
  const parts = text.slice(drive.length).split(':')
  return [drive + (parts[0] ?? ''), ...parts.slice(1)]
}

export function cleanTarget(target: string): string {
  return target.startsWith('/') ? posix.normalize(target).replace(/(?<=.)\/$/, '') : target
}

/** A path of a compose file as an absolute one: `~` is the home folder. */
export function resolvePath(path: string, folder: string): string {
  if (path === '~' || path.startsWith('~/')) return resolve(homedir(), path.slice(2))
  if (isAbsolute(path) || /^[A-Za-z]:[\\/]/.test(path)) return path
  return resolve(folder, path)
}

/** Whether the engine fetches the context of a build by itself. */
export const isRemoteContext = (context: string) => /^[a-z+]+:\/\/|^git@/.test(context)

/** `/dev/a[:/dev/b[:rwm]]`. */
export function parseDevice(text: string): { source: string; target: string; permissions: string } {
  const [source = '', target = source, permissions = 'rwm'] = text.split(':')
  if (source === '' || !/^[rwm]+$/.test(permissions)) {
    // `/dev/a:rw` leaves the target out.
    throw new RangeError(`${text} is no device: it is written SOURCE[:TARGET[:permissions]]`)
  }
  return /^[rwm]+$/.test(target)
    ? { source, target: source, permissions: target }
    : { source, target, permissions }
}
