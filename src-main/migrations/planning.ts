import { type Analysed, analyse, type ReadScript, readScript } from './analyse.ts'
import { compareFolder, isPending, type Known, type Place, stopsOf } from './compare.ts'
import { findMigration, type MigrationsDependencies, placeOfSource } from './context.ts'
import { readCompanion } from './files.ts'
import { listForeignLedgers } from './importSql.ts'
import { versionKey } from './names.ts'
import { readOptions } from './options.ts'
import { planMarkdown } from './planMarkdown.ts'
import { openTransactions, tableFacts } from './planSql.ts'
import type { Plan } from './report.contract.ts'
import { appliedTexts, ledgerKind, oldAppliedTexts } from './sql.ts'
import type { Migration, Source } from './state.contract.ts'

type Dependencies = Pick<MigrationsDependencies, 'db' | 'folder'>

/** More boxes than that are no picture. */
const orderedFiles = 60

/** What is there and what would happen: reads and runs nothing. */
export function createPlanning({ db, folder }: Dependencies) {
  const at = (source: Source | undefined) => placeOfSource(folder, source)

  /** Reads scripts of a plan in order: the later ones know the tables that the earlier make. */
  async function analyseAll(scripts: readonly ReadScript[]) {
    const names = [...new Set(scripts.flatMap(({ tables }) => tables))]
    const facts = new Map(
      names.length === 0
        ? []
        : (await db.rows(tableFacts(names))).map(({ name, rows, sizeBytes }) => [name, { rows, sizeBytes }]),
    )
    const made = new Set<string>()
    const analysed = scripts.map((script): Analysed => {
      const result = analyse(script, facts, made)
      for (const table of result.creates) made.add(table)
      return result
    })
    return { names, analysed }
  }

  async function makePlan(place: Place): Promise<Plan> {
    const known = await compareFolder(db, place)
    const files = known.flatMap(({ migration, file }) => (file && isPending(migration) ? [file] : []))
    const scripts = await Promise.all(files.map((file) => readScript(file.text, file)))
    const { names, analysed } = await analyseAll(scripts)
    return {
      ...place,
      files: files.map((file, index) => {
        const { statements, findings, fault } = analysed[index] as Analysed
        return {
          version: file.version,
          name: file.name,
          fileName: file.fileName,
          sizeBytes: Buffer.byteLength(file.text),
          isTransactional: file.options.isTransactional,
          lockTimeoutMs: file.options.lockTimeoutMs,
          statements,
          findings,
          fault,
        }
      }),
      stops: stopsOf(known),
      transactions: await db.rows(openTransactions(names)),
    }
  }

  return {
    status: async (source: Source | undefined) => {
      const place = at(source)
      const [known, foreign] = await Promise.all([compareFolder(db, place), db.rows(listForeignLedgers())])
      const migrations = known.map(({ migration }) => migration)
      return { ...place, migrations, pending: migrations.filter(isPending).length, foreign }
    },

    plan: (source: Source | undefined) => makePlan(at(source)),

    exportPlan: async ({ format, ...source }: Source & { format: 'markdown' | 'json' }) => {
      const plan = await makePlan(at(source))
      return format === 'json'
        ? { fileName: 'migration-plan.json', text: `${JSON.stringify(plan, null, 2)}\n` }
        : { fileName: 'migration-plan.md', text: planMarkdown(plan) }
    },

    /** A file stands on the last one before it that makes a table which it locks or refers to. */
    order: async (source: Source | undefined) => {
      const makers = new Map<string, string>()
      const order = []
      for (const { file } of (await compareFolder(db, at(source))).slice(-orderedFiles)) {
        if (!file) continue
        const { tables, parsed } = await readScript(file.text, file)
        const dependsOn = [...new Set(tables.flatMap((table) => makers.get(table) ?? []))]
        order.push({ version: file.version, dependsOn })
        for (const { effects } of parsed) for (const table of effects.creates) makers.set(table, file.version)
      }
      return order
    },

    describe: async ({ version, ...source }: Source & { version: string }) => {
      const place = at(source)
      const { migration, file } = await findMigration(db, place, version)
      return {
        migration,
        fileText: file?.text ?? null,
        appliedText: await textOf(place, migration),
        downText: (file && readCompanion(file, 'down')) ?? null,
        verifyText: (file && readCompanion(file, 'verify')) ?? null,
      }
    },

    lint: async ({ version, ...source }: Source & { version?: string }) => {
      const place = at(source)
      const chosen: Known[] =
        version === undefined
          ? (await compareFolder(db, place)).filter(({ migration }) => isPending(migration))
          : [await findMigration(db, place, version)]
      const files = chosen.flatMap(({ file }) => file ?? [])
      const { analysed } = await analyseAll(
        await Promise.all(files.map((file) => readScript(file.text, file))),
      )
      return files.map(({ fileName }, index) => ({ fileName, findings: analysed[index]?.findings ?? [] }))
    },

    lintText: async ({ text, version, ...source }: Source & { text: string; version?: string }) => {
      const before =
        version === undefined
          ? []
          : (await compareFolder(db, at(source))).flatMap(({ migration, file }) =>
              file && isPending(migration) && file.key < versionKey(version) ? [file] : [],
            )
      const scripts = await Promise.all(before.map((file) => readScript(file.text, file)))
      const script = await readScript(text, { fileName: 'text', options: readOptions(text, 'text') })
      return (await analyseAll([...scripts, script])).analysed.at(-1)?.findings ?? []
    },
  }

  async function textOf({ project }: Place, { version, appliedAt }: Migration): Promise<string | null> {
    if (!appliedAt) return null
    const isOwn = (await db.row(ledgerKind()))?.kind === 'own'
    return (await db.row(isOwn ? appliedTexts(project, [version]) : oldAppliedTexts([version])))?.text ?? null
  }
}
