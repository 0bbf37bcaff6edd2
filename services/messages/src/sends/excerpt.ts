const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
/** Longest excerpt of a message that is answered to, in characters (code points). */
const longest = 140

/** The beginning of a text on one line, at most 140 characters, never cut inside a character people see as one. */
export function excerptOf(text: string): string {
  // No character is longer than two code units; a few times that is plenty, and keeps a long text from being segmented whole.
  const line = text
    .slice(0, longest * 8)
    .replace(/\s+/gu, ' ')
    .trim()
  const isWhole = text.length <= longest * 8
  if (isWhole && [...line].length <= longest) return line
  let excerpt = ''
  let length = 0
  for (const { segment } of graphemes.segment(line)) {
    length += [...segment].length
    if (length > longest - 1) break
    excerpt += segment
  }
  return `${excerpt.trimEnd()}…`
}
