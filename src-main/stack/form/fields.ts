import type { FormFieldName } from '../formContract.ts'
import {
  type Cells,
  readPort,
  readVariable,
  readVolume,
  writePort,
  writeVariable,
  writeVolume,
} from './shortRows.ts'

type Steps = readonly string[]

/** Where a field stands below its service; of several places the first that is written, else the first. */
export const placesOf: Record<FormFieldName, readonly [Steps, ...Steps[]]> = {
  image: [['image']],
  command: [['command']],
  ports: [['ports']],
  environment: [['environment']],
  volumes: [['volumes']],
  depends_on: [['depends_on']],
  'healthcheck.test': [['healthcheck', 'test']],
  'healthcheck.interval': [['healthcheck', 'interval']],
  'healthcheck.timeout': [['healthcheck', 'timeout']],
  'healthcheck.retries': [['healthcheck', 'retries']],
  'healthcheck.start_period': [['healthcheck', 'start_period']],
  cpus: [['deploy', 'resources', 'limits', 'cpus'], ['cpus']],
  memory: [['deploy', 'resources', 'limits', 'memory'], ['mem_limit']],
  restart: [['restart']],
  profiles: [['profiles']],
}

/** Fields whose entries are rows, with how an entry is written in short and in long. */
export interface RowShape {
  /** The cell that an entry is known by. */
  key: string
  read(text: string): Cells
  write(cells: Cells): string
  /** Cells and the keys of the long form that hold them; of a mapping by name, those below the name. */
  long: Record<string, string>
  /** A mapping by `key` is another way to write it. */
  isMapping: boolean
  /** Of two files' entries with the same key the later one is taken. */
  isUnique: boolean
}

export const rowShapes: Partial<Record<FormFieldName, RowShape>> = {
  ports: {
    key: 'target',
    read: readPort,
    write: writePort,
    long: { hostIp: 'host_ip', published: 'published', target: 'target', protocol: 'protocol' },
    isMapping: false,
    isUnique: false,
  },
  volumes: {
    key: 'target',
    read: readVolume,
    write: writeVolume,
    long: { source: 'source', target: 'target' },
    isMapping: false,
    isUnique: true,
  },
  environment: {
    key: 'name',
    read: readVariable,
    write: writeVariable,
    long: {},
    isMapping: true,
    isUnique: true,
  },
  depends_on: {
    key: 'service',
    read: (service) => ({ service, condition: 'service_started' }),
    write: ({ service = '' }) => service,
    long: { condition: 'condition', restart: 'restart', required: 'required' },
    isMapping: true,
    isUnique: true,
  },
}

/** Fields that are numbers where they are written plain. */
export const numeric = new Set(['retries', 'cpus', 'target'])

/** Fields that are true or false. */
export const truths = new Set(['required', 'restart'])
