import type { ServiceOf } from '../contract.ts'
import { benchmarkStatement } from './benchmark.ts'
import type { benchmarkContract } from './benchmarkContract.ts'
import { measureBlasts } from './blast.ts'
import { explainStatement } from './explain.ts'
import type { explainContract } from './explainContract.ts'
import { startFileJob } from './fileJob.ts'
import { findDangers, nameToType, requireConfirmation } from './guard.ts'
import { inferTypes } from './parameters.ts'
import { readPlan } from './plan.ts'
import { previewWrite } from './preview.ts'
import { type Runnable, requireSql } from './script.ts'
import { readSource } from './source.ts'
import { listServerFunctions } from './sql.ts'
import type { ConsoleRun, statementContract } from './statementContract.ts'
import type { Tab } from './tab.ts'
import type { ConsoleDependencies, Tabs } from './tabs.ts'

type Statements = ServiceOf<typeof statementContract> &
  ServiceOf<typeof explainContract> &
  ServiceOf<typeof benchmarkContract>

/** What is run in tabs, and what is told of it before: parameters, what it would destroy, its plan. */
export function createStatements(dependencies: ConsoleDependencies, tabs: Tabs): Statements {
  const { db, readDraft, environmentName, isProduction } = dependencies
  const read = { db, readDraft, find: tabs.named }
  return {
    run: async ({ maxRows, isConfirmed, typedName, parameters, ...source }, { signal }) => {
      const { sessionId } = source
      const { text, pieces } = await readSource(read, source)
      const statements = await pieces(parameters)
      requireConfirmation(await findDangers(sentOf(statements)), {
        isConfirmed,
        typedName,
        isProduction,
        environmentName,
      })
      tabs.refuseTooMany(sessionId)
      const tab = tabs.of(sessionId)
      const runId = tab.start(text, statements, maxRows)
      return followRun(tab, runId, signal)
    },
    assess: async ({ parameters, ...source }) => {
      const { pieces } = await readSource(read, source)
      const found = await findDangers(sentOf(await pieces(parameters)))
      return {
        blasts: await measureBlasts(db, found),
        nameToType: isProduction && found.length > 0 ? nameToType(found, environmentName) : null,
      }
    },
    preview: async (source) => {
      const { sessionId } = source
      const statements = requireSql(await (await readSource(read, source)).pieces())
      tabs.refuseTooMany(sessionId)
      return tabs
        .of(sessionId)
        .use((session, isOpen) =>
          previewWrite({ session, db, send: dependencies.sendStatement }, statements, isOpen),
        )
    },
    listFunctions: () => db.rows(listServerFunctions()),
    listParameters: async (source) => {
      const found = await (await readSource(read, source)).parameters()
      const { searchPath } = tabs.of(source.sessionId).state().settings
      const typed = new Map<string, string | null>()
      for (const statement of new Set(found.map((one) => one.statement))) {
        // Types are nice to have: a server that does not answer keeps nobody from typing values.
        const inferred = await db.transaction((tx) => inferTypes(tx, statement, searchPath)).catch(() => [])
        for (const { name, type } of inferred) if (!typed.get(name)) typed.set(name, type)
      }
      return found.map(({ name }) => ({ name, type: typed.get(name) ?? null }))
    },
    runFile: async (run) => startFileJob(run, dependencies),
    locate: async ({ sessionId, version, cursor }) => {
      try {
        const found = await readDraft(sessionId, version).locate(cursor)
        return found ? { start: found.start, end: found.end } : null
      } catch {
        return null
      }
    },

    explain: async ({ isAnalyzed, ...source }) => {
      const { sessionId } = source
      const [statement] = requireSql(await (await readSource(read, source)).pieces())
      tabs.refuseTooMany(sessionId)
      return tabs
        .of(sessionId)
        .use(
          (session, isOpen, guard) =>
            explainStatement(session, statement?.text ?? '', { isAnalyzed, isOpen, guard }),
          { writes: false },
        )
    },
    benchmark: async ({ runs, parameters, ...source }) => {
      const { sessionId } = source
      const statements = requireSql(await (await readSource(read, source)).pieces(parameters))
      tabs.refuseTooMany(sessionId)
      const { sendStatement: send } = dependencies
      return tabs
        .of(sessionId)
        .use(
          (session, isOpen, guard, signal) =>
            benchmarkStatement(session, statements, { runs, send, signal, isOpen, guard }),
          { writes: false },
        )
    },
    readPlan: async ({ json }) => readPlan(parseJson(json), ''),
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The run until it has ended. Whoever stops listening stops nothing. */
async function* followRun(
  tab: Tab,
  runId: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<ConsoleRun> {
  for await (const { run } of tab.watch(signal)) {
    if (run?.runId !== runId) return
    yield run
    if (run.status !== 'running') return
  }
}

/** The statements as the server would parse them: a command of psql is none. */
const sentOf = (pieces: Runnable[]): Runnable[] =>
  pieces
    .filter(({ kind }) => kind === 'sql')
    .map((piece) => (piece.sent === undefined ? piece : { ...piece, text: piece.sent }))
