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

// What the engine at hand says is seen in failures.docker.test.ts: here stand the words of other engines and images.
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
      'permission-denied',
      {
        Status: 'created',
        Error: 'crun: setrlimit `RLIMIT_NOFILE`: Operation not permitted: OCI permission denied',
      },
      '',
      'may not give the container its limits',
    ],
    [
      'data-of-other-version',
      {},
      'Error: in 18+, these Docker images are configured to store database data in a\n       format which is compatible with "pg_ctlcluster"',
      'where images before 18 keep their data',
    ],
    [
      'data-of-other-version',
      {},
      "# Can't handle RDB format version 12\n# Fatal error loading the DB, check server logs. Exiting.",
      'newer Redis',
    ],
    [
      'disk-full',
      {},
      'PANIC:  could not write to file "pg_wal/xlogtemp.9": No space left on device',
      'disk is full',
    ],
  ] as const)('%s', (cause, state, log, title) => {
    const failure = explainFailure(inspect(state), log)
    expect(failure).toMatchObject({ cause, title: expect.stringContaining(title) })
    expect(failure?.evidence).not.toBe('')
    expect(failure?.next).not.toBe('')
  })

  test('what an unhealthy container wrote explains it, and its check is heard beside it', () => {
    const Health = {
      Status: 'unhealthy',
      FailingStreak: 4,
      Log: [{ ExitCode: 1, Output: 'connection refused\n' }],
    }
    const running = { Status: 'running', Running: true, ExitCode: 0, Health }
    expect(explainFailure(inspect(running), 'PANIC: No space left on device')).toMatchObject({
      cause: 'disk-full',
      evidence: 'PANIC: No space left on device\nIts health check said: connection refused',
    })
  })

  test.each([{ Status: 'running', Running: true, ExitCode: 0 }, { ExitCode: 0 }, { ExitCode: 143 }])(
    'nothing is held against %o',
    (state) => {
      expect(explainFailure(inspect(state), 'ERROR: No space left on device')).toBeNull()
    },
  )
})
