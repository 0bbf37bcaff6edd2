import { textScale } from './text-scale.ts'

const step = (size: number, line: number) => ({
  fontSize: Math.round(size * textScale * 10) / 10,
  lineHeight: Math.round(size * line * textScale),
})

/** Text sizes in points, scaled to the person's text size. `message` is the size of messages. */
export const typeScale = {
  caption: step(12, 1.35),
  small: step(13, 1.4),
  message: step(15, 1.35),
  title: step(17, 1.3),
  heading: step(20, 1.3),
  display: step(28, 1.2),
} as const
export type TextSize = keyof typeof typeScale

/** Spacing on a four-point grid. */
export const space = { xs: 4, s: 8, m: 12, l: 16, xl: 24, xxl: 32, xxxl: 48 } as const

export const radius = { bubble: 18, bubbleGrouped: 6, card: 12, field: 12, pill: 999 } as const

/** Minimum touch target, in points. */
export const minimumTarget = 44

export const layout = {
  twoPanes: 720,
  threePanes: 1200,
  listMin: 320,
  listMax: 400,
  messageColumn: 760,
  sidePane: 340,
  header: 60,
  conversationRow: Math.round(72 * Math.max(1, textScale)),
  composerLines: 6,
} as const
