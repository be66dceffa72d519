import type Docker from 'dockerode'
import { describe, expect, test } from 'vitest'
import { explainFailure } from '../../src-main/containers/live/explain.ts'

function inspect(state: object): Docker.ContainerInspectInfo {
  return {
    State: { Status: 'exited', Running: false, ExitCode: 1, OOMKilled: false, Error: '', ...state },
    Config: { Image: 'postgres:18' },
    HostConfig: { Memory: 64 * 1024 ** 2 },
  } as unknown as Docker.ContainerInspectInfo
}

describe('why a container failed', () => {
  test.each([
    [
      'port-taken',
      {
        Status: 'created',
        Error:
          'driver failed programming external connectivity: Bind for 127.0.0.1:5432 failed: port is already allocated',
      },
      '',
      'Port 5432 is taken',
    ],
    [
      'port-taken',
      {
        Status: 'created',
        Error: 'Error starting userland proxy: listen tcp4 0.0.0.0:6379: bind: address already in use',
      },
      '',
      'Port 6379 is taken',
    ],
    [
      'wrong-architecture',
      {},
      'exec /usr/local/bin/docker-entrypoint.sh: exec format error',
      'another processor',
    ],
    [
      'data-of-other-version',
      {},
      'FATAL:  database files are incompatible with server\nDETAIL:  The data directory was initialized by PostgreSQL version 14, which is not compatible with this version 18.1.',
      'made by PostgreSQL 14, the image is 18.1',
    ],
    [
      'disk-full',
      {},
      'PANIC:  could not write to file "pg_wal/xlogtemp.9": No space left on device',
      'disk is full',
    ],
    [
      'variable-missing',
      {},
      'Error: Database is uninitialized and superuser password is not specified.',
      'POSTGRES_PASSWORD',
    ],
    [
      'command-missing',
      { ExitCode: 127, Error: 'exec: "nope": executable file not found in $PATH' },
      '',
      'not in the image',
    ],
    ['permission-denied', {}, 'mkdir: cannot create directory: Permission denied', 'may not read or write'],
    ['out-of-memory', { OOMKilled: true, ExitCode: 137 }, '', 'more memory than its limit'],
    ['exited', { ExitCode: 3 }, 'boom\n', 'exit code 3'],
  ] as const)('%s', (cause, state, log, title) => {
    const failure = explainFailure(inspect(state), log)
    expect(failure).toMatchObject({ cause, title: expect.stringContaining(title) })
    expect(failure?.evidence).not.toBe('')
    expect(failure?.next).not.toBe('')
  })

  test('a password that was changed after the volume was made, with the statement that mends it', () => {
    const failure = explainFailure(
      inspect({ Status: 'running', Running: true, ExitCode: 0 }),
      '',
      'password authentication failed for user "atlas"',
    )
    expect(failure).toMatchObject({
      cause: 'password-changed',
      remedy: expect.stringContaining('alter role "atlas" password'),
    })
  })

  test('an unhealthy container shows what its check printed last', () => {
    const Health = {
      Status: 'unhealthy',
      FailingStreak: 4,
      Log: [{ ExitCode: 1, Output: 'connection refused\n' }],
    }
    expect(
      explainFailure(inspect({ Status: 'running', Running: true, ExitCode: 0, Health }), 'busy'),
    ).toMatchObject({
      cause: 'unhealthy',
      evidence: 'connection refused',
    })
  })

  test.each([{ Status: 'running', Running: true, ExitCode: 0 }, { ExitCode: 0 }, { ExitCode: 143 }])(
    'nothing is held against %o',
    (state) => {
      expect(explainFailure(inspect(state), 'ERROR: No space left on device')).toBeNull()
    },
  )
})
