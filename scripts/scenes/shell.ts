import type { Scene } from './scene.ts'

export const shellScenes: Scene[] = [
  {
    name: 'verification',
    path: '/verification',
    act: (page) => page.getByRole('button', { name: 'Run verification' }).first().click(),
  },
  { name: 'settings', path: '/settings' },
  {
    name: 'palette',
    path: '/overview',
    act: async (page) => {
      await page.locator('.titlebar').waitFor()
      await page.keyboard.press('Control+k')
      await page.locator('.pal__text').fill('audit')
    },
  },
]
