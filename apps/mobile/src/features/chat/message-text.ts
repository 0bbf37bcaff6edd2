import { findTextParts } from '@finnigram/text'

export type TextPart = { text: string; start: number; href?: string; isMention?: true }

/**
 * Splits a text into plain parts, links and mentions of `mentioned` usernames (`all` for everyone).
 */
export function splitIntoParts(text: string, mentioned: readonly string[]): TextPart[] {
  const cuts: TextPart[] = []
  let plainFrom = 0
  const plainTo = (end: number) => {
    if (end > plainFrom) cuts.push({ text: text.slice(plainFrom, end), start: plainFrom })
  }
  for (const part of findTextParts(text)) {
    const { start, end } = part
    if (part.type === 'mention' && !mentioned.includes(part.username)) continue
    plainTo(start)
    const cut = { text: text.slice(start, end), start }
    cuts.push(part.type === 'link' ? { ...cut, href: part.url } : { ...cut, isMention: true })
    plainFrom = end
  }
  plainTo(text.length)
  return cuts
}

const closerOf = new Map([
  ...['\u202A', '\u202B', '\u202D', '\u202E'].map((opener) => [opener, '\u202C'] as const),
  ...['\u2066', '\u2067', '\u2068'].map((opener) => [opener, '\u2069'] as const),
])

/**
 * Closing characters for the bidi embeddings, overrides and isolates (UAX #9) that the last line
 * leaves open.
 */
export function directionClosers(text: string): string {
  const open: string[] = []
  const lastLine = text.slice(text.lastIndexOf('\n') + 1)
  for (const [character] of lastLine.matchAll(/[\u202A-\u202E\u2066-\u2069]/g)) {
    const closer = closerOf.get(character)
    if (closer !== undefined) open.push(closer)
    else if (character === '\u2069' && open.includes(character)) open.length = open.lastIndexOf(character)
    else if (open.at(-1) === character) open.length -= 1
  }
  return open.toReversed().join('')
}

const linesShown = 30
const lettersShown = 1800
/** A text only slightly over the limit is not folded. */
const foldTolerance = 1.3

/** The beginning of a long text; undefined if all of it is shown. */
export function foldText(text: string): string | undefined {
  const lines = text.split('\n')
  if (lines.length <= linesShown * foldTolerance && text.length <= lettersShown * foldTolerance)
    return undefined
  const first = lines.slice(0, linesShown).join('\n')
  if (first.length <= lettersShown) return first
  return first.slice(0, breakAt(first, lettersShown))
}

/** UTF-16 units of one message; a longer text is sent as several. */
export const longestText = 8000

/**
 * Splits a text into messages of at most `most` UTF-16 units, at lines or spaces where possible.
 */
export function splitText(text: string, most: number): string[] {
  const parts: string[] = []
  let rest = text.trim()
  while (rest.length > most) {
    const at = breakAt(rest, most)
    parts.push(rest.slice(0, at).trimEnd())
    rest = rest.slice(at).trimStart()
  }
  return [...parts, rest].filter((part) => part !== '')
}

/**
 * Where to break a text longer than `most`: at the last line or space before it, else between
 * characters.
 */
function breakAt(text: string, most: number): number {
  const line = text.lastIndexOf('\n', most)
  if (line > most / 2) return line
  const space = text.slice(0, most).search(/\s\S*$/)
  return space > most / 2 ? space : characterStart(text, most)
}

const continuesCharacter = /^(?:\u200D|[\p{M}\p{Emoji_Modifier}\u{E0020}-\u{E007F}\uDC00-\uDFFF])/u
const flagLetter = /^\p{Regional_Indicator}/u

/** The index at or up to 64 units before `at` that splits no grapheme. */
function characterStart(text: string, at: number): number {
  for (let index = at; index > at - 64; index -= 1) {
    const isInFlag = flagLetter.test(text.slice(index)) && flagLetter.test(text.slice(index - 2))
    if (text[index - 1] !== '\u200D' && !isInFlag && !continuesCharacter.test(text.slice(index, index + 2)))
      return index
  }
  return /[\uDC00-\uDFFF]/.test(text[at] ?? '') ? at - 1 : at
}

/**
 * A symbol such as © is text, unless a variation selector, skin tone or joiner makes it an emoji
 * (UTS #51, 2.3).
 */
const firstPart =
  '(?:(?!\\p{Regional_Indicator})\\p{Emoji_Presentation}(?:\\uFE0F|\\p{Emoji_Modifier})?|\\p{Extended_Pictographic}(?:\\uFE0F|\\p{Emoji_Modifier}|(?=\\u200D)))'
const furtherPart = '\\u200D\\p{Extended_Pictographic}(?:\\uFE0F|\\p{Emoji_Modifier})?'
const onePicture = `(?:${firstPart}[\\u{E0020}-\\u{E007F}]*(?:${furtherPart})*|\\p{Regional_Indicator}{2}|[0-9#*]\\uFE0F?\\u20E3)`
const fewPictures = new RegExp(`^${onePicture}(?: ?${onePicture}){0,2}$`, 'u')

/** Whether a text is one to three emoji; those show large, without a bubble. */
export function isEmojiOnly(text: string): boolean {
  return text.length <= 100 && fewPictures.test(text.trim())
}

const firstLetter = /\p{L}/u
const rightToLeftScripts =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u

/** Whether the first letter belongs to a right-to-left script. */
export function readsRightToLeft(text: string): boolean {
  const letter = firstLetter.exec(text)?.[0]
  return letter !== undefined && rightToLeftScripts.test(letter)
}
