import { isAbsolute, join, resolve, sep } from 'node:path'
import type { Session } from '../adapters/postgres.ts'
import { AtlasError } from '../errors.ts'
import type { Task, TaskOf } from './definition.ts'
import { landFile } from './land.ts'
import type { ClaimedTask, TaskResult } from './leaseSql.ts'
import {
  applyDimension,
  createFactTable,
  dimensionChanges,
  eventYears,
  markPublished,
  publishFacts,
  stagedSchema,
} from './publish.ts'
import { stageBatch } from './validate.ts'

/** What a task may use. Its writes go through `tx`; the transaction commits together with the record that it is done. */
export interface TaskContext {
  tx: Session
  claimed: ClaimedTask
  signal: AbortSignal
  samplesFolder: string
  log: (level: 'info' | 'warning', message: string) => void
  progress: (progress: { done?: number; total?: number; note?: string }) => void
}

/** Does the work of a task of any kind. */
export function runTask(task: Task, context: TaskContext): Promise<TaskResult> {
  if (task.kind === 'land') return land(task, context)
  if (task.kind === 'validate') return validate(task, context)
  if (task.kind === 'dimension') return publishDimension(task, context)
  return publishFact(task, context)
}

async function land(
  task: TaskOf<'land'>,
  { tx, claimed, signal, samplesFolder, log, progress }: TaskContext,
) {
  const path = isAbsolute(task.file) ? task.file : resolve(join(samplesFolder, task.file))
  if (!isAbsolute(task.file) && !path.startsWith(samplesFolder + sep)) {
    throw new AtlasError('FILE_UNREADABLE', 'The file lies outside of the samples', {
      object: task.file,
      saved: 'Nothing was landed.',
      next: 'Give its full path.',
    })
  }
  const { batchId, rows, added } = await landFile(tx, {
    path,
    source: task.source,
    owner: 'pipelines',
    runId: claimed.runId,
    signal,
    onProgress: (done) => progress({ done, note: `${done} rows` }),
  })
  log(
    'info',
    added > 0
      ? `${added} rows into explore.raw_data_template`
      : `This content landed before: ${rows} rows, none added`,
  )
  return { rowsIn: rows, rowsOut: added, rowsRejected: 0, output: { batchId, rows, added } }
}

async function validate(task: TaskOf<'validate'>, { tx, claimed, log }: TaskContext) {
  const landed = claimed.inputs[task.batch] as { batchId?: string } | undefined
  if (!landed?.batchId) throw new Error(`${task.batch} handed no batch on`)
  const counts = await tx.row(stageBatch(task, landed.batchId, claimed.runId))
  if (!counts) throw new Error('The batch was not counted')
  const { total, valid, rejected, flagged } = counts
  log(
    rejected > 0 ? 'warning' : 'info',
    `${valid} of ${total} records valid, ${rejected} rejected, ${flagged} flagged`,
  )
  if (rejected > (total * task.rejectAtMostPercent) / 100) {
    throw new AtlasError('TASK_FAILED', `${rejected} of ${total} records were rejected`, {
      object: task.id,
      detail: `At most ${task.rejectAtMostPercent} % may be.`,
      saved: 'Nothing was staged.',
      next: 'Look at the reasons; correct the file or the rules, then rerun.',
    })
  }
  const output = { batchId: landed.batchId, record: task.record, valid }
  return { rowsIn: total, rowsOut: valid, rowsRejected: rejected, output }
}

function stagedBy(claimed: ClaimedTask, id: string) {
  return stagedSchema.parse(claimed.inputs[id])
}

async function publishDimension(task: TaskOf<'dimension'>, { tx, claimed, log }: TaskContext) {
  const staged = stagedBy(claimed, task.records)
  await tx.run(dimensionChanges(task, staged, claimed.runId))
  const counts = await tx.row(applyDimension(task.dimension))
  if (!counts) throw new Error('The dimension was not counted')
  await tx.run(markPublished(staged))
  const { inserted, changed, unchanged } = counts
  log('info', `${inserted} new, ${changed} changed, ${unchanged} unchanged in dimension ${task.dimension}`)
  return { rowsIn: staged.valid, rowsOut: inserted + changed, rowsRejected: 0, output: counts }
}

async function publishFact(task: TaskOf<'fact'>, { tx, claimed, log }: TaskContext) {
  const staged = stagedBy(claimed, task.records)
  const years = await tx.row(eventYears(task, staged))
  if (years?.first == null || years.last == null) {
    log('info', 'No valid record to publish')
    return { rowsIn: 0, rowsOut: 0, rowsRejected: 0, output: {} }
  }
  await tx.run(createFactTable(task.fact, years.first, years.last))
  const inserted = (await tx.row(publishFacts(task, staged, claimed.runId)))?.inserted ?? 0
  await tx.run(markPublished(staged))
  log('info', `${inserted} new rows in navigate.fact_${task.fact}, ${staged.valid - inserted} known already`)
  return {
    rowsIn: staged.valid,
    rowsOut: inserted,
    rowsRejected: 0,
    output: { inserted, known: staged.valid - inserted },
  }
}
