import { AtlasError } from '../errors.ts'
import { trustedStatement } from '../sql.ts'
import { parseStatements } from '../sqlParse.ts'
import { runnerName } from './acquire.ts'
import { analyse, readScript } from './analyse.ts'
import { compareFolder, type Known } from './compare.ts'
import { findMigration, type MigrationsDependencies, placeOfSource } from './context.ts'
import { addEvent, keepLedgerRow, removeLedgerRow } from './eventSql.ts'
import { explainFailure } from './failure.ts'
import { checksumOf, readCompanion } from './files.ts'
import type { Live } from './live.ts'
import { setTimeouts } from './lockSql.ts'
import { countLoss, type Loss, lossesOf } from './losses.ts'
import { versionKey } from './names.ts'
import { readOptions } from './options.ts'
import { cutScript } from './prepare.ts'
import type { RevertPlan } from './report.contract.ts'
import { withRunner } from './runner.ts'
import type { Source } from './state.contract.ts'

type Dependencies = Pick<MigrationsDependencies, 'db' | 'jobs' | 'environmentId' | 'folder'> & { live: Live }

/** Taking migrations back, the newest first, and never data unasked. */
export function createReverting({ db, jobs, environmentId, folder, live }: Dependencies) {
  async function planRevert({ version, ...source }: Source & { version: string }): Promise<RevertPlan> {
    const place = placeOfSource(folder, source)
    const known = await findMigration(db, place, version)
    const { text, fileName } = wayBack(known)
    refuseOlder(await compareFolder(db, place), known)
    const script = await readScript(text, { fileName, options: readOptions(text, fileName) })
    const { statements } = analyse(script, new Map(), new Set())
    const losses = await countLosses(await findLosses(text))
    return { version: known.migration.version, fileName, sql: text, statements, losses }
  }

  const findLosses = async (text: string) => lossesOf(await parseStatements(text))

  async function countLosses(losses: readonly Loss[]): Promise<RevertPlan['losses']> {
    const counted = []
    for (const loss of losses) {
      const found = await db.row(countLoss(loss)).catch(() => undefined)
      if (found && found.rows > 0) counted.push({ object: loss.object, ...found })
    }
    return counted
  }

  return {
    planRevert,

    revert: async ({ isLossAccepted, ...input }: Source & { version: string; isLossAccepted?: boolean }) => {
      const plan = await planRevert(input)
      if (plan.losses.length > 0 && !isLossAccepted) throw lossRefused(plan)
      const place = placeOfSource(folder, input)
      return jobs.start(
        { environmentId, title: 'Revert migration', link: '/migrations', isCancellable: true },
        async (job) => {
          await withRunner(db, job, live.observe, async (session) => {
            const known = await compareFolder(session, place)
            const target = known.find(({ migration }) => migration.version === plan.version)
            if (!target)
              throw new AtlasError('NOT_FOUND', 'There is no such migration', { object: plan.version })
            refuseOlder(known, target)
            const { text, fileName } = wayBack(target)
            const { version, name } = target.migration
            const statements = cutScript(text, fileName)
            const options = readOptions(text, fileName)
            const begun = performance.now()
            let at = 0
            try {
              await session.run(setTimeouts(options.lockTimeoutMs, options.statementTimeoutMs))
              await session.transaction(async (tx) => {
                for (const [index, statement] of statements.entries()) {
                  at = index
                  job.report({ detail: `${fileName}: statement ${index + 1} of ${statements.length}` })
                  await tx.run(trustedStatement(statement.text))
                }
                at = statements.length
                await keepLedgerRow(tx, place.project, version)
                await tx.run(removeLedgerRow(place.project, version))
                const durationMs = Math.round(performance.now() - begun)
                const event = { version, name, text, checksum: checksumOf(text), durationMs }
                await addEvent(tx, {
                  ...event,
                  ...place,
                  action: 'reverted',
                  detail: null,
                  doneFrom: runnerName,
                })
              })
            } catch (error) {
              throw explainFailure(
                error,
                { fileName, text, statements, index: at },
                'Nothing was taken back.',
              )
            }
          })
          return `${plan.version} reverted`
        },
      )
    },
  }
}

function wayBack({ migration, file }: Known): { text: string; fileName: string } {
  if (!migration.appliedAt)
    throw new AtlasError('CONFLICT', 'The migration is not applied', { object: migration.version })
  const text = file && readCompanion(file, 'down')
  if (!file || text === undefined) {
    throw new AtlasError('UNSUPPORTED', 'The migration has no way back', {
      object: migration.version,
      saved: 'Nothing was changed.',
      next: `Write ${migration.version}_${migration.name}.down.sql, or a new migration that undoes it.`,
    })
  }
  const fileName = file.down && 'fileName' in file.down ? file.down.fileName : file.fileName
  return { text, fileName }
}

/** What came later may stand on it. */
function refuseOlder(known: readonly Known[], { migration }: Known): void {
  const later = known.findLast(
    (other) =>
      other.migration.appliedAt !== null &&
      !other.migration.isRepeatable &&
      versionKey(other.migration.version) > versionKey(migration.version),
  )
  if (!later || migration.isRepeatable) return
  throw new AtlasError('CONFLICT', 'A later migration is applied', {
    object: migration.version,
    detail: `${later.migration.version}_${later.migration.name} may stand on it.`,
    saved: 'Nothing was changed.',
    next: `Revert ${later.migration.version} first.`,
  })
}

function lossRefused({ version, losses }: RevertPlan): AtlasError {
  const counted = losses.map(({ object, rows, isMore }) => `${object}: ${isMore ? 'more than ' : ''}${rows}`)
  return new AtlasError('CONFIRMATION_NEEDED', `Reverting ${version} loses data`, {
    object: version,
    detail: `Rows with values that are lost. ${counted.join('; ')}.`,
    saved: 'Nothing was changed.',
    next: 'Keep a copy of them; then confirm, or say `--accept-loss`.',
  })
}
