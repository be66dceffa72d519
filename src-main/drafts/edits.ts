import type { AppDb } from '../adapters/appdb.ts'
import type { ServiceOf } from '../contract.ts'
import { rowEditSchema } from '../rowEditContract.ts'
import type { draftsContract } from './contract.ts'

type Edits = Pick<typeof draftsContract, 'listEdits' | 'readEdits' | 'keepEdits'>

/** Changes of rows that wait to be applied, in the desktop's own database. */
export function createEditDrafts(db: AppDb, environmentId: string): ServiceOf<Edits> {
  const list = db.prepare<[string], { schema: string; name: string; edits: number }>(
    `select schema_name as schema, table_name as name, count(*) as edits from staged_edits
     where environment_id = ? group by 1, 2 order by 1, 2`,
  )
  // An edit that is written again keeps its rowid, and with it its place.
  const read = db.prepare<[string, string, string], { id: string; edit: string }>(
    `select id, edit from staged_edits
     where environment_id = ? and schema_name = ? and table_name = ? order by rowid`,
  )
  const keep = db.prepare(
    `insert into staged_edits (environment_id, schema_name, table_name, id, edit) values (?, ?, ?, ?, ?)
     on conflict (environment_id, schema_name, table_name, id) do update set edit = excluded.edit`,
  )
  const forget = db.prepare(
    'delete from staged_edits where environment_id = ? and schema_name = ? and table_name = ? and id = ?',
  )
  return {
    listEdits: async () => list.all(environmentId),
    readEdits: async ({ schema, name }) =>
      Object.fromEntries(
        read
          .all(environmentId, schema, name)
          .map(({ id, edit }) => [id, rowEditSchema.parse(JSON.parse(edit))]),
      ),
    keepEdits: async ({ schema, name, edits }) => {
      db.transaction(() => {
        for (const [id, edit] of Object.entries(edits)) {
          if (edit === null) forget.run(environmentId, schema, name, id)
          else keep.run(environmentId, schema, name, id, JSON.stringify(edit))
        }
      })()
      return { edits: read.all(environmentId, schema, name).length }
    },
  }
}
