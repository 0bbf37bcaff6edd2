import { fold } from '@finnigram/text'

const longestWord = 32
const shortestMisspelt = 3
/** Scripts without spaces between words: names are found from any character on. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
/** Hangul as letters (NFD): every syllable begins with a consonant of this range. */
const initials = /[\u1100-\u115f]/g
/** Signs within a word that some people leave out. */
const within = /(?<=\p{L}\p{M}*)(?:['’ʻʼ‐-]|\u200c|\u200d)(?=\p{L})/gu
/**
 * Version mark: part of everyone's words, never searched. Users without it have words of an older
 * version, and get new ones (`renewSearchWords`). A partial index finds these users.
 */
export const searchWordsMark = '~~2'

/** The folded words of a text, each cut at 32 characters. */
export function wordsOf(text: string): string[] {
  return fold(text)
    .split(/[^\p{L}\p{N}\p{M}]+/u)
    .filter((word) => word !== '')
    .map((word) => Array.from(word).slice(0, longestWord).join(''))
}

/**
 * Keys that a word shares with its misspellings: the word, and all forms with one letter left out
 * (symmetric delete, as in SymSpell). Words that share a key differ by about one letter: added,
 * lost, changed or swapped. The tilde tells keys from words.
 */
export function misspellingKeys(word: string): string[] {
  const letters = Array.from(word)
  const keys = new Set([`~${word}`])
  for (let i = 0; i < letters.length; i += 1) keys.add(`~${letters.toSpliced(i, 1).join('')}`)
  return [...keys]
}

/**
 * All lexemes a user is found by: the words of username and display name, their Latin spelling, and
 * the keys of their misspellings.
 */
export function searchWords({ username, displayName }: { username: string; displayName: string }): string[] {
  const lexemes = new Set([username, searchWordsMark])
  const joined = displayName.replace(within, '')
  const apart = displayName.replace(within, ' ')
  for (const written of new Set([username, displayName, joined, apart].flatMap(wordsOf))) {
    for (const word of new Set([written, toLatin(written)])) {
      for (const lexeme of lexemesOf(word)) lexemes.add(lexeme)
    }
  }
  lexemes.delete('')
  return [...lexemes]
}

function lexemesOf(word: string): string[] {
  const letters = Array.from(word)
  if (unspaced.test(word)) return letters.map((_, start) => letters.slice(start).join(''))
  const consonants = word.match(initials)?.join('')
  if (consonants) return [...fromSyllables(word), ...fromSyllables(consonants), ...misspellingKeys(word)]
  return letters.length < shortestMisspelt ? [word] : [word, ...misspellingKeys(word)]
}

/** Korean names are found from any syllable on: the family name comes first, without a space. */
const fromSyllables = (word: string) => Array.from(word.matchAll(initials), ({ index }) => word.slice(index))

const cyrillic =
  'а a б b в v г g ґ g д d е e ж zh з z и i і i ј j к k л l љ lj м m н n њ nj о o п p р r с s т t ћ c ђ dj у u ф f х kh ц ts ч ch џ dz ш sh щ shch ъ _ ы y ь _ э e є ye ю yu я ya'
const greek =
  'α a β v γ g δ d ε e ζ z η i θ th ι i κ k λ l μ m ν n ξ x ο o π p ρ r σ s τ t υ y φ f χ ch ψ ps ω o'

const letters = new Map<string, string>()
const pairs = `${cyrillic} ${greek}`.split(' ')
for (let i = 0; i < pairs.length; i += 2) {
  letters.set(pairs[i] ?? '', (pairs[i + 1] ?? '').replace('_', ''))
}

/** Transliterates Cyrillic and Greek letters of a folded word, so that "ivan" finds "Иван". */
export function toLatin(word: string): string {
  return Array.from(word, (letter) => letters.get(letter) ?? letter).join('')
}
