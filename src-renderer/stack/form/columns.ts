import type { FormFieldName } from '../../../src-main/stack/formContract.ts'

export interface Column {
  cell: string
  label: string
  placeholder?: string
  /** A share of the width. */
  width: string
  options?: readonly { value: string; label: string }[]
}

/** The rows of a field: its columns, the cell without which there is none, and what one of them is called. */
export interface RowLayout {
  key: string
  noun: string
  columns: readonly Column[]
}

export const rowLayouts: Partial<Record<FormFieldName, RowLayout>> = {
  ports: {
    key: 'target',
    noun: 'port',
    columns: [
      { cell: 'hostIp', label: 'Address', placeholder: 'every address', width: '1.3fr' },
      { cell: 'published', label: 'Port of this machine', placeholder: 'any free one', width: '1fr' },
      { cell: 'target', label: 'Port in the container', width: '1fr' },
      {
        cell: 'protocol',
        label: 'Protocol',
        width: '72px',
        options: [
          { value: '', label: 'tcp' },
          { value: 'udp', label: 'udp' },
        ],
      },
    ],
  },
  environment: {
    key: 'name',
    noun: 'variable',
    columns: [
      { cell: 'name', label: 'Name', width: '1fr' },
      { cell: 'value', label: 'Value', placeholder: 'taken from outside', width: '1.6fr' },
    ],
  },
  volumes: {
    key: 'target',
    noun: 'volume',
    columns: [
      { cell: 'source', label: 'Volume or folder', placeholder: 'a volume of its own', width: '1.2fr' },
      { cell: 'target', label: 'Path in the container', width: '1.4fr' },
      {
        cell: 'options',
        label: 'Access',
        width: '104px',
        options: [
          { value: '', label: 'read, write' },
          { value: 'ro', label: 'read only' },
        ],
      },
    ],
  },
  depends_on: {
    key: 'service',
    noun: 'dependency',
    columns: [
      { cell: 'service', label: 'Service', width: '1fr' },
      {
        cell: 'condition',
        label: 'Starts after it',
        width: '1.2fr',
        options: [
          { value: 'service_started', label: 'has started' },
          { value: 'service_healthy', label: 'is healthy' },
          { value: 'service_completed_successfully', label: 'has ended successfully' },
        ],
      },
      {
        cell: 'restart',
        label: 'When that is restarted',
        width: '0.9fr',
        options: [
          { value: '', label: 'goes on' },
          { value: 'true', label: 'restarts with it' },
        ],
      },
      {
        cell: 'required',
        label: 'When that is missing',
        width: '0.9fr',
        options: [
          { value: '', label: 'does not start' },
          { value: 'false', label: 'starts without it' },
        ],
      },
    ],
  },
}

export const restarts = ['', 'no', 'always', 'unless-stopped', 'on-failure']

export const titles: Record<FormFieldName, string> = {
  image: 'Image',
  command: 'Command',
  ports: 'Ports',
  environment: 'Environment',
  volumes: 'Volumes',
  depends_on: 'Depends on',
  'healthcheck.test': 'Test',
  'healthcheck.interval': 'Interval',
  'healthcheck.timeout': 'Timeout',
  'healthcheck.retries': 'Retries',
  'healthcheck.start_period': 'Start period',
  cpus: 'CPUs',
  memory: 'Memory',
  restart: 'Restart',
  profiles: 'Profiles',
}

export const hints: Partial<Record<FormFieldName, string>> = {
  image: 'postgres:18',
  'healthcheck.interval': '30s',
  'healthcheck.timeout': '30s',
  'healthcheck.retries': '3',
  'healthcheck.start_period': '0s',
  cpus: 'all',
  memory: 'all',
  profiles: 'always on',
  command: "the image's own",
  'healthcheck.test': "the image's own",
}
