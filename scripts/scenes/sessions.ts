import { type Blocked, blockSessions } from '../../test/support/blocked.ts'
import type { Scene } from './scene.ts'

let blocked: Blocked | undefined

export const sessionScenes: Scene[] = [
  { name: 'sessions', path: '/activity' },
  {
    name: 'sessions-log',
    path: '/activity?show=log',
    act: (page) => page.getByRole('row').filter({ hasText: 'ready to accept' }).first().click(),
  },
  {
    name: 'sessions-locks',
    path: '/activity?own=hidden',
    act: async (page, { home }) => {
      blocked = await blockSessions({ home })
      const [holder] = blocked.processIds
      const locks = page.getByRole('region', { name: 'Who waits for whom' })
      await locks.getByRole('button', { name: String(holder) }).click()
    },
    after: async () => blocked?.end(),
  },
]
