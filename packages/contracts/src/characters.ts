/** Scripts that are written without spaces, or whose suffixes cling to a name: there a word ends where the script changes. */
const spaceless =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u
const wordCharacter = /[\p{L}\p{N}\p{M}_]/u
/** White space, control, invisible and direction-changing characters; quotes and punctuation that no address has. */
const afterAddress =
  /[\p{Z}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2018-\u201F«»‹›\u3001-\u303F！（），：；？［］｛｝]/u
const asciiAfterAddress = new Set(
  ['<', '>', '"', '`', '|', '\\', '^', '{', '}'].map((one) => one.charCodeAt(0)),
)

/** ASCII letters and digits. */
export const isAlphanumeric = (code: number): boolean =>
  isDigit(code) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122)

export const isDigit = (code: number): boolean => code >= 48 && code <= 57

/** Whether the character at `at` goes on a word that ASCII letters beside it belong to; false past either end. */
export function isWordAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  if (!(code >= 128)) return isAlphanumeric(code) || code === 95
  const character = characterAt(text, at)
  return wordCharacter.test(character) && !spaceless.test(character)
}

/** Whether the character at `at` is a letter or digit of any script, with its marks. */
export const isLetterAt = (text: string, at: number): boolean =>
  /[\p{L}\p{N}\p{M}]/u.test(characterAt(text, at))

/** Whether an address (URL) cannot go on at `at`; true past the end. */
export function isAddressEnd(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  if (Number.isNaN(code)) return true
  if (code < 128) return code <= 32 || code === 127 || asciiAfterAddress.has(code)
  return afterAddress.test(characterAt(text, at))
}

/** The whole character that has a code unit at `at`: both halves of a surrogate pair belong to it. */
function characterAt(text: string, at: number): string {
  const isSecondHalf =
    (text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800
  return String.fromCodePoint(text.codePointAt(isSecondHalf ? at - 1 : at) ?? 0)
}
