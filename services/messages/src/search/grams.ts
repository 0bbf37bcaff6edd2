import { single, wordLetter, wordMark } from './searchable-text.ts'

/**
 * Numbers from -32,768 to 32,767 that stand for parts of texts. A text that holds another has all of its grams; the other
 * way round is checked on the text itself, so it does not matter that different parts may share a number.
 */
export type Gram = number

const runs = new RegExp(`${wordMark}?${wordLetter}+|${single}+`, 'gv')
const singles = new RegExp(`^${single}`, 'v')

/** The grams of a searchable text: of words the first letter and every three letters, of other scripts every one and two characters. */
export function gramsOf(text: string, grams = new Set<Gram>()): Set<Gram> {
  for (const [run] of text.matchAll(runs)) {
    if (singles.test(run)) addSingles(run, grams)
    else addWord(run, grams)
  }
  return grams
}

/** The gram of a whole: a stem, a sender, a flag. */
export const wholeGram = (kind: 'stem' | 'sender' | 'has', value: string): Gram => hash(`${kind}:${value}`)

function addWord(word: string, grams: Set<Gram>): void {
  if (word.startsWith(wordMark)) grams.add(hash(word.slice(0, 2)))
  for (let i = 0; i + 3 <= word.length; i += 1) grams.add(hashUnits(word, i, i + 3))
}

function addSingles(run: string, grams: Set<Gram>): void {
  let last = ''
  for (const character of run) {
    grams.add(hash(character))
    if (last !== '') grams.add(hash(last + character))
    last = character
  }
}

const hash = (text: string) => hashUnits(text, 0, text.length)

/** FNV-1a over the UTF-16 units, folded to 16 bits. */
function hashUnits(text: string, from: number, to: number): Gram {
  let value = 0x811c9dc5
  for (let i = from; i < to; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return ((value >>> 16) ^ (value & 0xffff)) - 0x8000
}
