import type { Scene } from './scene.ts'

export const auditScenes: Scene[] = [
  {
    name: 'audit',
    path: '/audit',
    act: async (page) => {
      await page.getByRole('button', { name: 'Verify the chain' }).click()
      await page.getByRole('table', { name: 'Audit entries' }).getByText('changed').first().click()
    },
  },
  {
    name: 'audit-export',
    path: '/audit',
    act: async (page) => {
      await page.getByRole('button', { name: 'Export' }).click()
      await page.getByRole('dialog').getByText('newest first').waitFor()
    },
  },
  {
    name: 'audit-story',
    path: '/audit?table=explore.source_systems',
    act: async (page) => {
      await page
        .getByRole('table', { name: 'Audit entries' })
        .getByText('explore.source_systems')
        .first()
        .click()
      await page.locator('.tale__step').first().waitFor()
    },
  },
]
