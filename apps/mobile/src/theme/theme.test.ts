import { expect, test } from 'vitest'
import { darkHues, darkPalette, hueIndex, lightHues, lightPalette } from './theme.ts'

const schemes = [
  { name: 'light', palette: lightPalette, hues: lightHues },
  { name: 'dark', palette: darkPalette, hues: darkHues },
]

test.each(schemes)('text is readable on every $name background', ({ palette: p }) => {
  const pairs: [string, string][] = [
    ...[p.background, p.surface, p.raised, p.otherBubble, p.accentSoft].flatMap(
      (under): [string, string][] => [
        [p.text, under],
        [p.muted, under],
      ],
    ),
    ...[p.background, p.surface, p.raised, p.accentSoft].map((under): [string, string] => [p.accent, under]),
    ...[p.background, p.surface, p.raised, p.dangerSoft].map((under): [string, string] => [p.danger, under]),
    ...[p.background, p.otherBubble, p.ownBubble].map((under): [string, string] => [p.link, under]),
    [p.onAccent, p.accent],
    [p.onOwnBubble, p.ownBubble],
    [p.mutedOnOwn, p.ownBubble],
    [p.accent, p.ownBubble],
    [p.warning, p.surface],
  ]
  for (const [over, under] of pairs) {
    expect(contrast(over, under), `${over} on ${under}`).toBeGreaterThanOrEqual(4.5)
  }
})

test.each(schemes)(
  'all twelve $name hues are readable on the page and on both bubbles',
  ({ palette, hues }) => {
    for (const hue of hues) {
      for (const under of [palette.background, palette.ownBubble, palette.otherBubble]) {
        expect(contrast(hue, under), `${hue} on ${under}`).toBeGreaterThanOrEqual(4.5)
      }
    }
  },
)

test('a person keeps one hue, and ids spread over all hues', () => {
  expect(hueIndex('0198f6a0-0000-7000-8000-000000000001')).toBe(
    hueIndex('0198f6a0-0000-7000-8000-000000000001'),
  )
  const seen = new Set(Array.from({ length: 200 }, (_, i) => hueIndex(`0198f6a0-0000-7000-8000-${i}`)))
  expect(seen.size).toBe(lightHues.length)
})

const channel = (hex: string, at: number) => {
  const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
}

const luminance = (hex: string) =>
  0.2126 * channel(hex, 1) + 0.7152 * channel(hex, 3) + 0.0722 * channel(hex, 5)

/** Contrast of two `#RRGGBB` colours, 1 to 21 (WCAG 2.2). */
function contrast(first: string, second: string): number {
  const light = Math.max(luminance(first), luminance(second))
  const dark = Math.min(luminance(first), luminance(second))
  return (light + 0.05) / (dark + 0.05)
}
