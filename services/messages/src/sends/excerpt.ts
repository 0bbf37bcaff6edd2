import type { Attachment, Message } from '@finnigram/contracts'

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
/** Longest excerpt, in characters (code points). */
const longest = 140

/** The beginning of a text on one line, at most 140 characters, never cut inside a grapheme. */
export function excerptOf(text: string): string {
  // A bounded part is enough, and spares segmenting a long text whole.
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

const icons: Record<Attachment['kind'], string> = { image: '📷', video: '🎬', audio: '🎵', file: '📎' }

/** What replies quote of a message: the beginning of its text or, without words, its files. */
export function messageExcerpt({ text, attachments }: Pick<Message, 'text' | 'attachments'>): string {
  if (text !== null) return excerptOf(text)
  const [first, ...others] = attachments
  if (!first) return ''
  const more = others.length > 0 ? ` +${others.length}` : ''
  return excerptOf(`${icons[first.kind]} ${first.name.slice(0, 100)}${more}`)
}
