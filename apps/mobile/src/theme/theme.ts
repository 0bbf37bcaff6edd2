import { darkHues, hueIndex, lightHues } from './hues.ts'
import { darkPalette, lightPalette, type Palette } from './palette.ts'

export type Scheme = 'light' | 'dark'

export type Theme = {
  scheme: Scheme
  colors: Palette
  /** The colour of a person's name and avatar, from their id. */
  hueOf: (id: string) => string
  /** A quiet ground of the same hue. */
  tintOf: (id: string) => string
}

const themeOf = (scheme: Scheme, colors: Palette, hues: readonly string[]): Theme => ({
  scheme,
  colors,
  hueOf: (id) => hues[hueIndex(id)] ?? colors.accent,
  tintOf: (id) =>
    mix(hues[hueIndex(id)] ?? colors.accent, colors.background, scheme === 'light' ? 0.14 : 0.2),
})

export const themes: Record<Scheme, Theme> = {
  light: themeOf('light', lightPalette, lightHues),
  dark: themeOf('dark', darkPalette, darkHues),
}

/** `share` of the first colour (`#RRGGBB`), the rest of the second. */
function mix(first: string, second: string, share: number): string {
  const channel = (hex: string, at: number) => Number.parseInt(hex.slice(at, at + 2), 16)
  const mixed = [1, 3, 5].map((at) =>
    Math.round(channel(first, at) * share + channel(second, at) * (1 - share)),
  )
  return `rgb(${mixed.join(', ')})`
}
