import { quoted } from './alterType.ts'
import type { WrittenMigration } from './contract.ts'
import type { MigrationPlan } from './plan.ts'
import type { Step } from './step.ts'

interface Titles {
  /** What the migration changes, and what it becomes like. */
  from: string
  to: string
}

/** A plan as the text of a migration: what is lost by it named, and left out as comments where it is not wanted. */
export function writeMigration(
  { steps, problems, newLabels }: MigrationPlan,
  titles: Titles,
): WrittenMigration {
  const live = steps.filter(({ leftOut }) => leftOut === undefined)
  const destructive = [...new Set(steps.flatMap(({ destroys }) => destroys ?? []))]
  const risks = [...new Set(live.flatMap(({ object, risk }) => (risk ? `${object}: ${risk}` : [])))]
  const usesNewLabel = newLabels.some((label) =>
    live.some(({ text }) => !/^alter type .* add value /s.test(text) && text.includes(quoted(label))),
  )
  const head = [
    `Makes ${titles.from} like ${titles.to}.`,
    ...(destructive.length > 0
      ? [`${live.some(({ destroys }) => destroys) ? 'DESTROYS' : 'Left out, because it would destroy'}:`]
      : []),
    ...destructive.map((what) => `  ${what}`),
    ...(risks.length > 0 ? ['Look at these before you apply it:'] : []),
    ...risks.map((risk) => `  ${risk}`),
    ...(problems.length > 0 ? ['Not in here:'] : []),
    ...problems.map((problem) => `  ${problem}`),
  ]
  const makesRoutines = live.some(({ text }) => /^create (or replace )?(function|procedure)\b/i.test(text))
  const text = [
    // The label of an enum can be used only after it was committed.
    ...(usesNewLabel ? ['-- atlas: no-transaction\n'] : []),
    head
      .map((line) => `-- ${line.replace(/\s+/g, (space) => (/[\n\r]/.test(space) ? ' ' : space))}\n`)
      .join(''),
    // Bodies may use what comes after them.
    ...(makesRoutines ? [`\nset ${usesNewLabel ? '' : 'local '}check_function_bodies = off;\n`] : []),
    ...steps.map((step) => `\n${render(step)}`),
  ].join('')
  return { text, statements: live.length, destructive, risks, problems }
}

function render({ text, destroys, leftOut }: Step): string {
  if (leftOut !== undefined) return comment(`left out: ${leftOut}\n${text};`)
  return `${destroys ? comment(`DESTROYS ${destroys}`) : ''}${text};\n`
}

const comment = (text: string) =>
  text
    .split(/\r?\n|\r/)
    .map((line) => `-- ${line}\n`)
    .join('')
