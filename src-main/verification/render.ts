import type { Check, Report } from './contract.ts'

type Format = 'markdown' | 'json' | 'junit'

/** The report as the text of a file: Markdown for people, JSON for programs, JUnit XML for CI servers. */
export function renderReport(report: Report, format: Format): { fileName: string; text: string } {
  const renderers = { markdown: renderMarkdown, json: renderJson, junit: renderJunit }
  const extensions = { markdown: 'md', json: 'json', junit: 'xml' }
  return { fileName: `atlas-verification.${extensions[format]}`, text: renderers[format](report) }
}

function renderJson({ passed, failed, skipped, checks }: Report): string {
  return `${JSON.stringify({ passed, failed, skipped, checks }, null, 2)}\n`
}

function renderMarkdown(report: Report): string {
  const cell = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('\n', ' ')
  const rows = report.checks.map(
    (check) =>
      `| ${check.category} | ${cell(check.name)} | ${check.status} | ${cell(check.detail)} | ${Math.round(check.durationMs)} ms |`,
  )
  return [
    '# Deployment verification',
    '',
    `${report.environment}, ${report.startedAt.toISOString()}: ${summarise(report)}`,
    '',
    '| Category | Check | Result | Detail | Time |',
    '| --- | --- | --- | --- | ---: |',
    ...rows,
    '',
  ].join('\n')
}

/** The JUnit XML that CI servers read: one suite, a test case a check, times in seconds. */
function renderJunit(report: Report): string {
  const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(3)
  const total = report.checks.reduce((sum, check) => sum + check.durationMs, 0)
  const body = (check: Check) =>
    ({
      passed: '',
      failed: `<failure message="${escapeXml(check.detail)}"/>`,
      skipped: `<skipped message="${escapeXml(check.detail)}"/>`,
    })[check.status]
  const cases = report.checks.map(
    (check) =>
      `  <testcase classname="${escapeXml(check.category)}" name="${escapeXml(check.name)}" time="${seconds(check.durationMs)}">${body(check)}</testcase>`,
  )
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="Atlas verification" tests="${report.checks.length}" failures="${report.failed}" skipped="${report.skipped}" time="${seconds(total)}" timestamp="${report.startedAt.toISOString()}">`,
    ...cases,
    '</testsuite>',
    '',
  ].join('\n')
}

/** One line: `13 passed, 0 failed, 2 skipped`. */
function summarise({ passed, failed, skipped }: Report): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

function escapeXml(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&apos;',
  }
  // XML 1.0 has no way to write most control characters: they are left out.
  return [...text]
    .filter((character) => character >= ' ' || character === '\t' || character === '\n')
    .map((character) => entities[character] ?? character)
    .join('')
}
