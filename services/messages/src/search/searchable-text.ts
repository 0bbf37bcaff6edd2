import { fold } from '@finnigram/text'

/** Stands before every word of a searchable text: tells the beginning of a word from its inside. */
export const wordMark = '\u0002'

/**
 * Scripts that are searched by letters (n-grams), not by words: Chinese, Japanese, Korean (Hangul),
 * Thai and their neighbours. Korean has spaces, but its words carry endings that queries leave out.
 */
const ngramScripts =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Script=Bopomofo}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}\\u30fc'
/**
 * A character that is searched by itself: of a script without spaces between words, or an emoji.
 */
export const single = `[[${ngramScripts}\\p{Extended_Pictographic}\\p{RI}]--[\\p{ASCII}]]`
/** Letters, digits and marks of scripts that separate words. */
export const wordLetter = `[[\\p{L}\\p{N}\\p{M}]--[${ngramScripts}]]`

const words = new RegExp(`${wordLetter}+`, 'gv')
const ascii = /^\p{ASCII}*$/u
/** A letter with its marks; those of narrow kana are letters to Unicode. */
const clusters = /.[\p{M}\p{Emoji_Modifier}\uff9e\uff9f]*/gsu
const invisible = /\p{Default_Ignorable_Code_Point}/gu
const blank = /[\p{Cc}\p{Z}]/gu
const apostrophes = /[\u2018\u2019\u201b\u02bc\u0060\u00b4]/g
const dashes = /[\u2010-\u2015\u2212]/g
const quotes = /[\u201c-\u201f]/g

/**
 * The form in which messages and queries are compared: folded letters, single spaces, one kind of
 * apostrophe, dash and quotation mark, nothing invisible, a mark before every word. It has no ASCII
 * capitals.
 */
export function searchableText(text: string): string {
  const folded = ascii.test(text)
    ? text.toLowerCase().replace(blank, ' ').replaceAll('`', "'")
    : foldClusters(text)
  return folded.replace(/ {2,}/g, ' ').replace(words, `${wordMark}$&`)
}

const foldClusters = (text: string) => text.replace(clusters, foldCluster)

/** Cache of letters with few marks: there are not many of them. */
const remembered = new Map<string, string>()
const longestRemembered = 3
const mostRemembered = 50_000

/** Folds a letter with its marks, before spaces are merged. */
function foldCluster(cluster: string): string {
  const known = remembered.get(cluster)
  if (known !== undefined) return known
  const folded = fold(cluster.toWellFormed().replace(invisible, ''))
    .normalize('NFC')
    .replace(blank, ' ')
    .replace(apostrophes, "'")
    .replace(dashes, '-')
    .replace(quotes, '"')
  if (cluster.length <= longestRemembered && remembered.size < mostRemembered) remembered.set(cluster, folded)
  return folded
}

/** A word and its place in a text. */
export interface PlacedWord {
  /** In lower case, with accents. */
  word: string
  start: number
  end: number
}

/** The words of a text, in scripts that separate words. */
export const placedWords = (text: string): PlacedWord[] =>
  Array.from(text.matchAll(words), ({ 0: word, index }) => ({
    word: ascii.test(word) ? word.toLowerCase() : word.normalize('NFC').toLowerCase(),
    start: index,
    end: index + word.length,
  }))

const plainWords = /[a-z0-9]+/g

/** The words without their places. Most texts are ASCII: split in one go, they cost a fifth. */
export const wordsOf = (text: string): string[] =>
  ascii.test(text) ? (text.toLowerCase().match(plainWords) ?? []) : placedWords(text).map(({ word }) => word)

/** A searchable text, and where the original letter of each of its UTF-16 units starts and ends. */
export interface TracedText {
  text: string
  starts: number[]
  ends: number[]
}

/** Like `searchableText`, with the way back to the original. */
export function traceSearchableText(original: string): TracedText {
  const folded = traceFolded(original)
  const traced: TracedText = { text: '', starts: [], ends: [] }
  let copied = 0
  const copy = (until: number) => {
    traced.text += folded.text.slice(copied, until)
    for (; copied < until; copied += 1) {
      traced.starts.push(folded.starts[copied] ?? 0)
      traced.ends.push(folded.ends[copied] ?? 0)
    }
  }
  for (const { 0: found, index } of folded.text.matchAll(spacesAndWords)) {
    copy(index)
    if (found.startsWith(' ')) copy(index + 1)
    else {
      const start = folded.starts[index] ?? 0
      append(traced, wordMark, { start, end: start })
      copy(index + found.length)
    }
    copied = index + found.length
  }
  copy(folded.text.length)
  return traced
}

const spacesAndWords = new RegExp(` +|${wordLetter}+`, 'gv')

function traceFolded(original: string): TracedText {
  const folded: TracedText = { text: '', starts: [], ends: [] }
  for (let start = 0; start < original.length; ) {
    const end = endOfCluster(original, start)
    const code = original.charCodeAt(start)
    const letter = end === start + 1 ? asciiFolded[code] : undefined
    append(folded, letter ?? foldCluster(original.slice(start, end)), { start, end })
    start = end
  }
  return folded
}

const cluster = new RegExp(clusters.source, 'suy')

/** Units below this are neither marks nor surrogates: the cluster before such a unit ends there. */
const firstMark = 0x300

const asciiFolded = Array.from({ length: 0x80 }, (_, code) => foldCluster(String.fromCharCode(code)))

function endOfCluster(text: string, start: number): number {
  if (text.charCodeAt(start) < firstMark && !(text.charCodeAt(start + 1) >= firstMark)) return start + 1
  cluster.lastIndex = start
  return cluster.test(text) ? cluster.lastIndex : start + 1
}

function append(traced: TracedText, text: string, { start, end }: { start: number; end: number }): void {
  traced.text += text
  for (let i = 0; i < text.length; i += 1) {
    traced.starts.push(start)
    traced.ends.push(end)
  }
}
