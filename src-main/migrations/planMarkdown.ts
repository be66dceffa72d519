import type { Plan, PlannedStatement } from './report.contract.ts'

/** The plan as a document for a review: what runs, what waits, what is lost. */
export function planMarkdown(plan: Plan): string {
  const statements = plan.files.reduce((sum, file) => sum + file.statements.length, 0)
  const parts = [
    `# Migration plan of ${plan.project}`,
    plan.files.length === 0
      ? 'Nothing is pending.'
      : `${plan.files.length} files, ${statements} statements, ${count(plan, ({ isIrreversible }) => isIrreversible)} cannot be undone, ${count(plan, ({ blocks }) => blocks !== null)} make others wait.`,
    plan.stops.length > 0 &&
      section(
        'Stops everything',
        plan.stops.map(({ version, name, state, next }) => `- **${version}_${name}** is ${state}. ${next}`),
      ),
    plan.transactions.length > 0 &&
      section('Open transactions', [
        '| Process | Application | Open for | Locks | Statement |',
        '| ---: | --- | ---: | --- | --- |',
        ...plan.transactions.map(
          (one) =>
            `| ${one.processId} | ${cell(one.application)} | ${Math.round(one.ageSeconds)} s | ${cell(one.tables.join(', '))} | \`${cell(one.statement.slice(0, 80))}\` |`,
        ),
      ]),
    ...plan.files.map(fileSection),
  ]
  return `${parts.filter(Boolean).join('\n\n')}\n`
}

function fileSection(file: Plan['files'][number]): string {
  const how = file.isTransactional ? 'in one transaction' : 'each by itself'
  const lines = [
    `${file.statements.length} statements ${how}, waiting for a lock for at most ${file.lockTimeoutMs} ms.`,
  ]
  if (file.fault) lines.push('', `**It cannot be run:** ${file.fault.message} (${file.fault.object ?? ''})`)
  const notable = file.statements.filter(({ lock, isIrreversible }) => lock !== null || isIrreversible)
  if (notable.length > 0) {
    lines.push(
      '',
      '| Line | Statement | Lock | Others wait | Rows | |',
      '| ---: | --- | --- | --- | ---: | --- |',
    )
    lines.push(...notable.map(row))
  }
  if (file.findings.length > 0) {
    lines.push(
      '',
      ...file.findings.map(
        (one) => `- line ${one.line}, ${one.severity} \`${one.rule}\`: ${one.title}. ${one.advice}`,
      ),
    )
  }
  return section(`\`${file.fileName}\``, lines)
}

function row({
  line,
  summary,
  lock,
  blocks,
  tables,
  isRewrite,
  isScan,
  isIrreversible,
}: PlannedStatement): string {
  const rows = tables.map((table) =>
    table.rows === null || table.rows < 0 ? '?' : String(Math.round(table.rows)),
  )
  const remarks = [
    isIrreversible && 'cannot be undone',
    isRewrite && 'writes the table anew',
    isScan && 'reads the whole table',
  ]
  return `| ${line} | \`${cell(summary)}\` | ${lock ?? ''} | ${blocks ?? ''} | ${rows.join(', ')} | ${remarks.filter(Boolean).join(', ')} |`
}

const section = (title: string, lines: readonly string[]) => `## ${title}\n\n${lines.join('\n')}`
const cell = (text: string) => text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|')
const count = ({ files }: Plan, test: (statement: PlannedStatement) => boolean) =>
  files.reduce((sum, { statements }) => sum + statements.filter(test).length, 0)
