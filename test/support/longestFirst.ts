import { basename } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Files that take half a minute or more though they are short. Without the times of an earlier run, which a fresh clone has
 * not, vitest begins with the largest files; these would begin last, with idle workers beside them. `contention` asserts
 * how long readers wait, so it is through before runners are killed by the dozen.
 */
const long = [
  'contention',
  'hostile',
  'killedAtInstants',
  'killedAtMessages',
  'migrateCli',
  'pipelines',
  'cli',
  'progress',
]

function rank({ moduleId }: TestSpecification): number {
  const at = long.indexOf(basename(moduleId).split('.')[0] as string)
  return at === -1 ? long.length : at
}

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}
