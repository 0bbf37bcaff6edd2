import { searchableText, single, wordLetter, wordMark } from './searchable-text.ts'
import { withoutAccents } from './stemmer.ts'

/** One thing that must be in a message. */
export interface Term {
  /** A part of the searchable text. */
  needle: string
  /** The word whose other forms count too, in small letters; undefined for what was quoted or is no word. */
  word: string | undefined
}

/** More words are not looked for; 200 characters hold at most a hundred. */
const mostTerms = 32
const shortest = 3

const parts = /"([^"]*)"?|[^\s"]+/gu
const plainWord = new RegExp(`^${wordLetter}+$`, 'v')
const hasSingle = new RegExp(single, 'v')
const somethingToFind = /[\p{L}\p{N}\p{S}]/u
/** What surrounds a word in a sentence; `@bob`, `#room` and `C#` stay whole. */
const edges = /^[[\p{P}\p{Z}\p{Cc}]--[@#]]+|[[\p{P}\p{Z}\p{Cc}]--[#]]+$/gv

/** What was typed, as terms that all must match: words, quoted phrases, and whatever else has no space in it (addresses, versions, names). Empty when there is nothing in it to look for. */
export function parseQuery(typed: string): Term[] {
  const terms = new Map<string, Term>()
  for (const [part, quoted] of typed
    .normalize('NFC')
    .replace(/[\u201c-\u201f]/g, '"')
    .matchAll(parts)) {
    const term = quoted === undefined ? termOf(part.replace(edges, '')) : phraseOf(quoted)
    if (term && terms.size < mostTerms) terms.set(term.needle, term)
  }
  return [...terms.values()]
}

function termOf(part: string): Term | undefined {
  if (!plainWord.test(part)) return phraseOf(part)
  const word = part.normalize('NFC').toLowerCase()
  const plain = withoutAccents(word)
  if (plain === '') return undefined
  // A letter may stand for more than letters: ½ is 1⁄2.
  if (!plainWord.test(plain)) return phraseOf(part)
  const isShort = plain.length < shortest
  return { needle: isShort ? wordMark + plain : plain, word }
}

/** As it stands, but it may begin and end inside a word, unless it is so short that it would be everywhere. */
function phraseOf(part: string): Term | undefined {
  const text = searchableText(part).trim()
  const open = text.startsWith(wordMark) ? text.slice(wordMark.length) : text
  if (!somethingToFind.test(open)) return undefined
  const isShort = open.length < shortest && !hasSingle.test(open)
  return { needle: isShort ? text : open, word: undefined }
}
