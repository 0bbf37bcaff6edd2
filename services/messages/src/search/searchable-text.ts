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
const ascii = /^\p{ASCII}*$/u
/** A letter with its marks; those of narrow kana are letters to Unicode. */
export const clusters = /.[\p{M}\p{Emoji_Modifier}\uff9e\uff9f]*/gsu
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

const foldClusters = (text: string) => text.replace(clusters, foldCluster)

/** Letters with few marks are remembered; there are not many of them. */
const remembered = new Map<string, string>()
const longestRemembered = 3
const mostRemembered = 50_000

/** A letter with its marks as it is compared, before spaces are put together. */
export function foldCluster(cluster: string): string {
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
