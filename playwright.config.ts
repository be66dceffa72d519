import { defineConfig } from '@playwright/test'

// One browser, one worker: every spec drives a real server with a real database on a machine of two cores.
export default defineConfig({
  testDir: 'test',
  testMatch: '**/*.e2e.ts',
  globalSetup: './test/support/homes.ts',
  workers: 1,
  // The whole file once more, in a worker and a data folder of its own; scripts/test.mjs names what passed only then.
  retries: 1,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [['list'], ['json']],
  use: {
    actionTimeout: 15_000,
    viewport: { width: 1440, height: 900 },
    launchOptions: {
      executablePath: process.env.ATLAS_CHROMIUM ?? '/usr/bin/chromium',
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    },
  },
})
