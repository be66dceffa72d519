import { create } from 'zustand'

export type Scheme = 'system' | 'light' | 'dark'

interface Appearance {
  scheme: Scheme
  isHighContrast: boolean
}

const key = 'atlas.appearance'

function load(): Appearance {
  try {
    return {
      scheme: 'system',
      isHighContrast: false,
      ...(JSON.parse(localStorage.getItem(key) ?? '{}') as object),
    }
  } catch {
    return { scheme: 'system', isHighContrast: false }
  }
}

/** Light, dark or as the system says; high contrast on top of either. Kept by this browser or window. */
export const useAppearance = create<Appearance>(load)

const prefersDark = window.matchMedia('(prefers-color-scheme: dark)')
const prefersContrast = window.matchMedia('(prefers-contrast: more)')

function apply() {
  const { scheme, isHighContrast } = useAppearance.getState()
  const shown = scheme === 'system' ? (prefersDark.matches ? 'dark' : 'light') : scheme
  document.documentElement.dataset.scheme = shown
  if (isHighContrast || prefersContrast.matches) document.documentElement.dataset.contrast = 'high'
  else delete document.documentElement.dataset.contrast
}

apply()
prefersDark.addEventListener('change', apply)
prefersContrast.addEventListener('change', apply)
useAppearance.subscribe((appearance) => {
  localStorage.setItem(key, JSON.stringify(appearance))
  apply()
})
