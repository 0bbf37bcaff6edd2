/**
 * The theme: every colour of the app, light and dark.
 *
 * - A `Palette` names colours by purpose, never by hue. Components take them through `createStyles`
 *   or `useTheme` (`theme-provider.tsx`); no component has a colour of its own.
 * - Contrast: text pairs reach WCAG AA (4.5), icons 3. `theme.test.ts` checks the pairs.
 * - Hues: a person's name and avatar take one of twelve hues by id, the same on every device.
 * - Sizes, spacing and layout widths are in `scale.ts`. Text follows the person's text size
 *   (`text-scale`).
 * - The choice of light, dark or system is a preference of the device. `public/shell.js` applies it
 *   before the first paint; `apply-color-scheme` keeps the page and the system in step.
 */

/** Colours by purpose. */
export type Palette = {
  background: string
  surface: string
  raised: string
  line: string
  text: string
  muted: string
  mutedOnOwn: string
  accent: string
  onAccent: string
  accentSoft: string
  ownBubble: string
  onOwnBubble: string
  otherBubble: string
  danger: string
  dangerSoft: string
  warning: string
  link: string
  /** Overlay under the pointer. */
  hover: string
  pressed: string
  /** Overlay under a quoted message. */
  quote: string
  quoteOnOwn: string
  scrim: string
  /** The sample chat beside the sign-in form. */
  illustration: string
  illustrationMark: string
  illustrationBubble: string
  shadow: string
  online: string
  away: string
}

export const lightPalette: Palette = {
  background: '#FFFFFF',
  surface: '#F5F6F4',
  raised: '#FFFFFF',
  line: '#E2E5E0',
  text: '#15201B',
  muted: '#5B6A62',
  mutedOnOwn: '#4F6459',
  accent: '#0B7A5B',
  onAccent: '#FFFFFF',
  accentSoft: '#E2F3EB',
  ownBubble: '#D9F2E6',
  onOwnBubble: '#10241B',
  otherBubble: '#F0F2EF',
  danger: '#B3261E',
  dangerSoft: '#FBEAE8',
  warning: '#8A5A00',
  link: '#0A6B8A',
  hover: 'rgba(21, 32, 27, 0.045)',
  pressed: 'rgba(21, 32, 27, 0.08)',
  quote: 'rgba(255, 255, 255, 0.7)',
  quoteOnOwn: 'rgba(255, 255, 255, 0.55)',
  scrim: 'rgba(12, 20, 16, 0.38)',
  illustration: '#0B6B50',
  illustrationMark: 'rgba(255, 255, 255, 0.06)',
  illustrationBubble: '#FFFFFF',
  shadow: 'rgba(16, 36, 27, 0.14)',
  online: '#16A06F',
  away: '#C08400',
}

export const darkPalette: Palette = {
  background: '#0E1412',
  surface: '#151D1A',
  raised: '#1C2622',
  line: '#2A3631',
  text: '#E8EFEB',
  muted: '#9DADA5',
  mutedOnOwn: '#A8C0B4',
  accent: '#3FCB9B',
  onAccent: '#06231A',
  accentSoft: '#15332A',
  ownBubble: '#174A3A',
  onOwnBubble: '#E6FFF4',
  otherBubble: '#1F2A26',
  danger: '#FF8A80',
  dangerSoft: '#3A1F1D',
  warning: '#F2C14E',
  link: '#6CC7E6',
  hover: 'rgba(232, 239, 235, 0.05)',
  pressed: 'rgba(232, 239, 235, 0.09)',
  quote: 'rgba(0, 0, 0, 0.18)',
  quoteOnOwn: 'rgba(0, 0, 0, 0.2)',
  scrim: 'rgba(0, 0, 0, 0.6)',
  illustration: '#12211B',
  illustrationMark: 'rgba(63, 203, 155, 0.05)',
  illustrationBubble: '#1F2A26',
  shadow: 'rgba(0, 0, 0, 0.5)',
  online: '#3FCB9B',
  away: '#F2C14E',
}

/** Twelve hues, each readable (AA) on the page and on both bubbles of its scheme. */
export const lightHues = [
  '#BE3849',
  '#B84402',
  '#965D07',
  '#7A6906',
  '#507400',
  '#0B7A3E',
  '#08776A',
  '#057488',
  '#036EAE',
  '#4C5FCD',
  '#874EBD',
  '#B03C86',
] as const

export const darkHues = [
  '#FC9095',
  '#F8966F',
  '#E8A14D',
  '#C5AF41',
  '#95BC5E',
  '#65C281',
  '#15C5B1',
  '#0DC0DF',
  '#60B6FA',
  '#96ACFF',
  '#C79EF6',
  '#EF92C8',
] as const

/** Index of the hue of a user or conversation id (FNV-1a). */
export function hueIndex(id: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < id.length; i += 1) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193)
  return (hash >>> 0) % lightHues.length
}

export type Scheme = 'light' | 'dark'

export type Theme = {
  scheme: Scheme
  colors: Palette
  /** The hue of a name and avatar, by id. */
  hueOf: (id: string) => string
  /** A pale background of the same hue. */
  tintOf: (id: string) => string
}

const createTheme = (scheme: Scheme, colors: Palette, hues: readonly string[]): Theme => ({
  scheme,
  colors,
  hueOf: (id) => hues[hueIndex(id)] ?? colors.accent,
  tintOf: (id) =>
    mix(hues[hueIndex(id)] ?? colors.accent, colors.background, scheme === 'light' ? 0.14 : 0.2),
})

export const themes: Record<Scheme, Theme> = {
  light: createTheme('light', lightPalette, lightHues),
  dark: createTheme('dark', darkPalette, darkHues),
}

/** Mixes two `#RRGGBB` colours; `share` is the part of the first. */
function mix(first: string, second: string, share: number): string {
  const channel = (hex: string, at: number) => Number.parseInt(hex.slice(at, at + 2), 16)
  const mixed = [1, 3, 5].map((at) =>
    Math.round(channel(first, at) * share + channel(second, at) * (1 - share)),
  )
  return `rgb(${mixed.join(', ')})`
}
