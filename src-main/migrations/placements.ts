import { compareFolder } from './compare.ts'
import { type MigrationsDependencies, placeOfSource } from './context.ts'
import type { Placement, Source } from './state.contract.ts'

/** Sets the files of a folder beside the ledger of every environment, each read at the same time as the others. */
export function createPlacements({
  folder,
  elsewhere,
}: Pick<MigrationsDependencies, 'folder' | 'elsewhere'>) {
  return {
    placements: async (source: Source | undefined): Promise<Placement[]> => {
      if (!elsewhere) return []
      const place = placeOfSource(folder, source)
      const environments = await elsewhere.list()
      return Promise.all(
        environments.map(async ({ id, name: environment, kind }): Promise<Placement> => {
          const of = { environmentId: id, environment, kind }
          try {
            const known = await elsewhere.visit(id, (db) => compareFolder(db, place))
            const states = known.map(({ migration: { version, name, state } }) => ({ version, name, state }))
            return { ...of, states, failure: null }
          } catch (error) {
            const { code, message } = elsewhere.describeError(error)
            return { ...of, states: null, failure: { code, message } }
          }
        }),
      )
    },
  }
}
