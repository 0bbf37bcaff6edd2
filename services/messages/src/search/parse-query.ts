import { searchableText, single, wordLetter, wordMark } from './searchable-text.ts'
import { withoutAccents } from './stemmer.ts'

/** One term that must be in a message. */
export interface Term {
  /** A part of the searchable text. */
  needle: string
  /** The word in lower case whose other forms match, too. Undefined for phrases. */
  word: string | undefined
}

/** Terms at most. A query of 200 characters may have a hundred. */
const mostTerms = 32
const shortest = 3

const parts = /"([^"]*)"?|[^\s"]+/gu
const plainWord = new RegExp(`^${wordLetter}+$`, 'v')
const hasSingle = new RegExp(single, 'v')
const somethingToFind = /[\p{L}\p{N}\p{S}]/u
/** Punctuation around a word. `@bob`, `#room` and `C#` stay whole. */
const edges = /^[[\p{P}\p{Z}\p{Cc}]--[@#]]+|[[\p{P}\p{Z}\p{Cc}]--[#]]+$/gv

/**
 * Parses a query into terms that must all match: words, quoted phrases, and anything else without a
 * space (addresses, versions, names). Empty when there is nothing to look for.
 */
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

/** A phrase as typed. It may begin and end inside a word, unless it is very short. */
function phraseOf(part: string): Term | undefined {
  const text = searchableText(part).trim()
  const open = text.startsWith(wordMark) ? text.slice(wordMark.length) : text
  if (!somethingToFind.test(open)) return undefined
  const isShort = open.length < shortest && !hasSingle.test(open)
  return { needle: isShort ? text : open, word: undefined }
}
