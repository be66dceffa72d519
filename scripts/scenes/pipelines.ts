import type { Scene } from './scene.ts'

export const pipelineScenes: Scene[] = [
  { name: 'pipelines', path: '/pipelines' },
  {
    name: 'pipelines-failed',
    path: '/pipelines?trigger=bird_strikes',
    act: async (page) => {
      await page.getByRole('textbox', { name: /file/ }).fill('/nowhere/at-all.csv')
      await page.getByRole('button', { name: 'Run bird_strikes' }).click()
      await page.locator('.fault').first().waitFor()
    },
  },
]
