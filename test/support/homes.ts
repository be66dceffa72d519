import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { makeHome, removeHome } from './atlas.ts'
import { runBuilt, runSql } from './cli.ts'

/** How far the server is that a spec begins with: made by initdb, or with the platform as well. */
type Stage = 'initialised' | 'deployed'

/** The folder of the stages, for the workers. */
const variable = 'ATLAS_TEST_STAGES'

/** Runs once, before the specs: what each of them would have to make first is made here, and copied by them. */
export default async function setup(): Promise<() => Promise<void>> {
  const home = makeHome()
  const stages = join(home, 'stages')
  const keep = (stage: Stage) => {
    const kept = join(stages, stage, 'postgres')
    mkdirSync(kept, { recursive: true })
    copy(
      ['data', 'password'].map((name) => join(home, 'postgres', name)),
      kept,
    )
  }
  // The last command that leaves a server stops it.
  await runSql({ home }, 'select 1')
  keep('initialised')
  await runBuilt({ home }, ['migrate', 'apply'])
  keep('deployed')
  process.env[variable] = stages
  return () => removeHome(home)
}

/** Puts the server of a stage into a data folder that has none. */
export function copyServer(stage: Stage, home: string): void {
  copy([join(process.env[variable] as string, stage, 'postgres')], home)
}

/** With the account that a server's files belong to. */
function copy(from: string[], to: string): void {
  execFileSync('cp', ['-a', ...from, to])
}
