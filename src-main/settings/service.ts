import type { AppDb } from '../adapters/appdb.ts'
import type { ServiceOf } from '../contract.ts'
import type { settingsContract } from './contract.ts'

type About = Awaited<ReturnType<ServiceOf<typeof settingsContract>['about']>>

/** Facts about this Atlas, and what the screen asked to keep. */
export function createSettings({
  db,
  about,
}: {
  db: AppDb
  about: () => About
}): ServiceOf<typeof settingsContract> {
  const all = db.prepare<[], { key: string; value: string }>('select key, value from settings')
  const put = db.prepare(
    'insert into settings (key, value) values (?, ?) on conflict (key) do update set value = excluded.value',
  )
  return {
    about: async () => about(),
    list: async () =>
      Object.fromEntries(all.all().map(({ key, value }) => [key, JSON.parse(value) as unknown])),
    update: async ({ key, value }) => {
      put.run(key, JSON.stringify(value ?? null))
      return { key }
    },
  }
}
