import { layerOf } from '../../ui/Layer.tsx'
import type { Palette } from './DiagramPicture.tsx'

const names = {
  panel: '--surface-panel',
  head: '--surface-inset',
  border: '--border-strong',
  text: '--text-1',
  soft: '--text-3',
  faint: '--text-3',
  accent: '--accent',
  tint: '--accent-tint',
} as const

const paletteBy = (colour: (variable: string) => string): Palette => ({
  ...(Object.fromEntries(Object.entries(names).map(([name, variable]) => [name, colour(variable)])) as Record<
    keyof typeof names,
    string
  >),
  layer: (schema) => colour(`--layer-${layerOf(schema)}`),
})

/** Follows the theme by itself. */
export const screenPalette = paletteBy((variable) => `var(${variable})`)

/** The colours that the theme has now, for a file that knows no theme. */
export function filePalette(): Palette {
  const style = getComputedStyle(document.documentElement)
  return paletteBy((variable) => style.getPropertyValue(variable).trim())
}
