import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/support/longestFirst.ts'

/** What a test waits for comes when the machine has time for it. */
const patient = { poll: { timeout: 30_000 } }

/** A test that drives servers is run once more when it fails; scripts/test.mjs names what passed only then. */
const retry = 1

/** Tests that need a PostgreSQL server run twice: on the oldest release that the platform supports and the newest. */
function databaseProject(name: 'db15' | 'db18') {
  return {
    test: {
      name,
      include: ['test/**/*.db.test.ts'],
      globalSetup: ['test/support/servers.ts'],
      testTimeout: 60_000,
      hookTimeout: 60_000,
      expect: patient,
      retry,
    },
  }
}

export default defineConfig({
  test: {
    // Most tests wait for a server: one worker a core leaves cores idle, and the default leaves one out.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          testTimeout: patient.poll.timeout,
          expect: patient,
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.db.test.ts', 'test/**/*.docker.test.ts', 'node_modules/**'],
        },
      },
      databaseProject('db15'),
      databaseProject('db18'),
      {
        test: {
          name: 'docker',
          include: ['test/**/*.docker.test.ts'],
          globalSetup: ['test/support/docker.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: patient,
          retry,
          // One engine, and most tests wait for it.
          maxWorkers: 2,
        },
      },
    ],
  },
})
