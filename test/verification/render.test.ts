import { expect, test } from 'vitest'
import type { Report } from '../../src-main/verification/contract.ts'
import { renderReport } from '../../src-main/verification/render.ts'

const report: Report = {
  environment: 'staging',
  server: 'PostgreSQL 18.4',
  startedAt: new Date('2026-11-24T08:00:00Z'),
  passed: 1,
  failed: 1,
  skipped: 1,
  checks: [
    {
      category: 'connections',
      name: 'PostgreSQL connection',
      status: 'passed',
      detail: '18.4',
      durationMs: 3,
    },
    {
      category: 'tables',
      name: 'Tables of chart',
      status: 'failed',
      detail: 'Missing: a|b <i>"&\u0007',
      durationMs: 12.4,
    },
    {
      category: 'api',
      name: 'API health',
      status: 'skipped',
      detail: 'This environment names no API',
      durationMs: 0,
    },
  ],
}

test('Markdown keeps a pipe inside its cell', () => {
  const { text, fileName } = renderReport(report, 'markdown')
  expect(fileName).toBe('atlas-verification.md')
  expect(text).toContain('staging, 2026-11-24T08:00:00.000Z: 1 passed, 1 failed, 1 skipped')
  expect(text).toContain('| tables | Tables of chart | failed | Missing: a\\|b <i>"&\u0007 | 12 ms |')
})

test('JSON has the shape that machines read', () => {
  expect(JSON.parse(renderReport(report, 'json').text)).toEqual({
    passed: 1,
    failed: 1,
    skipped: 1,
    checks: report.checks,
  })
})

test('JUnit escapes text, leaves out what XML cannot hold, and counts in seconds', () => {
  const { text } = renderReport(report, 'junit')
  expect(text).toContain(
    'tests="3" failures="1" skipped="1" time="0.015" timestamp="2026-11-24T08:00:00.000Z"',
  )
  expect(text).toContain('<failure message="Missing: a|b &lt;i&gt;&quot;&amp;"/>')
  expect(text).toContain('<skipped message="This environment names no API"/>')
})
