import { darkHues, hueIndex, lightHues } from './hues.ts'
import { darkPalette, lightPalette, type Palette } from './palette.ts'

export type Scheme = 'light' | 'dark'

export type Theme = {
  scheme: Scheme
  colors: Palette
  /** The colour of a person's name and avatar, from their id. */
  hueOf: (id: string) => string
}

const themeOf = (scheme: Scheme, colors: Palette, hues: readonly string[]): Theme => ({
  scheme,
  colors,
  hueOf: (id) => hues[hueIndex(id)] ?? colors.accent,
})

export const themes: Record<Scheme, Theme> = {
  light: themeOf('light', lightPalette, lightHues),
  dark: themeOf('dark', darkPalette, darkHues),
}
