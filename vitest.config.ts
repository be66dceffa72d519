import { defineConfig } from 'vitest/config'

/** Tests that need a PostgreSQL server run twice: on the oldest release that the platform supports and the newest. */
function databaseProject(name: 'db15' | 'db18') {
  return {
    test: {
      name,
      include: ['test/**/*.db.test.ts'],
      globalSetup: ['test/support/servers.ts'],
      testTimeout: 60_000,
      hookTimeout: 60_000,
    },
  }
}

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.db.test.ts', 'node_modules/**'],
        },
      },
      databaseProject('db15'),
      databaseProject('db18'),
    ],
  },
})
