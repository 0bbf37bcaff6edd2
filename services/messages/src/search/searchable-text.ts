import { fold } from '@finnigram/contracts'

/** Stands before every word of a searchable text, so that what begins a word can be told from what is inside one. */
export const wordMark = '\u0002'

const unspacedScripts =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Script=Bopomofo}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}\\u30fc'
/** A character that is looked for by itself: of a script without spaces between words, or a picture. */
export const single = `[[${unspacedScripts}\\p{Extended_Pictographic}\\p{RI}]--[\\p{ASCII}]]`
/** Letters, digits and marks of the scripts that put something between words. */
export const wordLetter = `[[\\p{L}\\p{N}\\p{M}]--[${unspacedScripts}]]`

const words = new RegExp(`${wordLetter}+`, 'gv')
const spacesAndWords = new RegExp(`(?<space> +)|${wordLetter}+`, 'gv')
const ascii = /^\p{ASCII}*$/u
const clusters = /.[\p{M}\p{Emoji_Modifier}]*/gsu
const invisible = /\p{Default_Ignorable_Code_Point}/gu
const blank = /[\p{Cc}\p{Z}]/gu
const apostrophes = /[\u2018\u2019\u201b\u02bc\u0060\u00b4]/g
const dashes = /[\u2010-\u2015\u2212]/g
const quotes = /[\u201c-\u201f]/g

/**
 * The form in which messages and queries are compared: folded letter by letter, white space as single spaces, one kind of
 * apostrophe, dash and quotation mark, nothing invisible, a mark before every word. No letter of it is an ASCII capital.
 */
export function searchableText(text: string): string {
  const folded = ascii.test(text)
    ? text.toLowerCase().replace(blank, ' ').replaceAll('`', "'")
    : foldClusters(text)
  return folded.replace(/ {2,}/g, ' ').replace(words, `${wordMark}$&`)
}

/** A searchable text, and for each of its UTF-16 units where in the original the letter it came from starts and ends. */
export interface TracedText {
  text: string
  starts: number[]
  ends: number[]
}

/** The same as `searchableText`, with the way back. */
export function traceSearchableText(original: string): TracedText {
  const folded: TracedText = { text: '', starts: [], ends: [] }
  for (const { 0: cluster, index } of original.matchAll(clusters)) {
    append(folded, foldCluster(cluster), { start: index, end: index + cluster.length })
  }
  const traced: TracedText = { text: '', starts: [], ends: [] }
  let copied = 0
  const copy = (until: number) => {
    traced.text += folded.text.slice(copied, until)
    traced.starts.push(...folded.starts.slice(copied, until))
    traced.ends.push(...folded.ends.slice(copied, until))
    copied = until
  }
  for (const { 0: found, index, groups } of folded.text.matchAll(spacesAndWords)) {
    const start = folded.starts[index] ?? 0
    copy(index)
    if (groups?.['space'] === undefined) append(traced, wordMark, { start, end: start })
    copy(groups?.['space'] === undefined ? index + found.length : index + 1)
    copied = index + found.length
  }
  copy(folded.text.length)
  return traced
}

function append(traced: TracedText, text: string, { start, end }: { start: number; end: number }): void {
  traced.text += text
  for (let i = 0; i < text.length; i += 1) {
    traced.starts.push(start)
    traced.ends.push(end)
  }
}

const foldClusters = (text: string) => text.replace(clusters, foldCluster)

/** Letters with few marks are remembered; there are not many of them. */
const remembered = new Map<string, string>()
const longestRemembered = 3
const mostRemembered = 50_000

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
