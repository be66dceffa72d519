import type { Page } from 'playwright-core'

/** A picture: its file's name, the address of the view, and what a user does there before it is taken. */
export interface Scene {
  name: string
  path: string
  /** What has to be in the database for it, as SQL. */
  sql?: string
  act?: (page: Page, atlas: { home: string }) => Promise<unknown>
  /** Ends what the scene holds open. */
  after?: (page: Page) => Promise<void>
}
