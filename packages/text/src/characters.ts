/**
 * Scripts that are written without spaces, or whose suffixes cling to a name: there a word ends
 * where the script changes. Hermes does not know the script extensions of Thai, Lao and Khmer: the
 * first has four beside its script, the others none.
 */
const spaceless =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{scx=Myanmar}]|[\u02BC\u02D7]|\u0303|\u0331/u
/** The middle dot parts katakana words, as a space would. */
const isLetter = /[\p{L}\p{N}\p{M}・]/u
const wordCharacter = /[\p{L}\p{N}\p{M}_]/u
const pictograph = /[\p{Extended_Pictographic}\p{Regional_Indicator}]/u
/**
 * White space, control, invisible and direction-changing characters; quotes and punctuation that no
 * address has: CJK and full-width ones, dashes between clauses, and the commas and stops of Arabic,
 * Armenian, Ethiopic, Indic, Khmer, Myanmar.
 */
const afterAddress =
  /[\p{Z}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2014\u2015\u2018-\u201F«»‹›\u3001-\u3004\u3008-\u3020\u3030\u303D\uFF01-\uFF0F\uFF1A-\uFF20\uFF3B-\uFF40\uFF5B-\uFF65\u0589\u060C\u061B\u061F\u06D4\u0964\u0965\u104A\u104B\u1362\u17D4\u17D5]/u
const asciiAfterAddress = new Set(['<', '>', '"', '`', '|', '\\', '^'].map((one) => one.charCodeAt(0)))

/** ASCII letters and digits. */
export const isAlphanumeric = (code: number): boolean =>
  isDigit(code) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122)

export const isDigit = (code: number): boolean => code >= 48 && code <= 57

/**
 * Whether the character at `at` goes on a word that ASCII letters beside it belong to; false past
 * either end.
 */
export function isWordAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  if (!(code >= 128)) return isAlphanumeric(code) || code === 95
  const character = characterAt(text, at)
  return wordCharacter.test(character) && !spaceless.test(character)
}

/** Whether the character at `at` is a letter or digit of any script, with its marks. */
export const isLetterAt = (text: string, at: number): boolean =>
  /[\p{L}\p{N}\p{M}]/u.test(characterAt(text, at))

/**
 * Whether what stands at `at` follows a word without a space: a script that is written so, or an
 * emoji.
 */
export function isSpacelessAt(text: string, at: number): boolean {
  if (!(text.charCodeAt(at) >= 128)) return false
  const character = characterAt(text, at)
  return (isLetter.test(character) && spaceless.test(character)) || pictograph.test(character)
}

/** Whether an address (URL) cannot go on at `at`; true past the end. */
export function isAddressEnd(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  if (Number.isNaN(code)) return true
  if (code < 128) return code <= 32 || code === 127 || asciiAfterAddress.has(code)
  return afterAddress.test(characterAt(text, at))
}

/**
 * The whole character that has a code unit at `at`: both halves of a surrogate pair belong to it.
 */
function characterAt(text: string, at: number): string {
  const isSecondHalf =
    (text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800
  return String.fromCodePoint(text.codePointAt(isSecondHalf ? at - 1 : at) ?? 0)
}
