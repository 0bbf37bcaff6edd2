import { z } from 'zod'

/** Longest run of combining marks a grapheme may carry: real scripts stay below ten, "zalgo" does not. */
const longestMarkRun = /\p{M}{17,}/u
const controlCharacters = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/u
/** Characters that are invisible or turn the direction of what follows: fine in a message, a disguise in a name. */
const disguises = /[\u00AD\u061C\u115F\u1160\u17B4\u17B5\u180E\u200B-\u200F\u202A-\u202E\u2060-\u206F\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF9-\uFFFB]/u

const codePoints = (value: string) => {
  let count = 0
  for (const _ of value) count += 1
  return count
}

const storable = (value: string) => value.isWellFormed() && !controlCharacters.test(value)

/** What people write: NFC, line breaks as `\n`, no control characters, at most `max` characters (Unicode code points), not only white space. */
export const bodyText = (max: number) =>
  z
    .string()
    .max(max * 2, `At most ${max} characters`)
    .overwrite((value) => value.replace(/\r\n?/g, '\n').normalize('NFC'))
    .refine((value) => value.trim() !== '', 'Must not be empty')
    .refine((value) => codePoints(value) <= max, `At most ${max} characters`)
    .refine(storable, 'Contains characters that cannot be stored')
    .refine((value) => !longestMarkRun.test(value), 'Contains too many combining marks in a row')

/** A name on one line: trimmed, white space folded, NFC, without invisible or direction-changing characters. */
export const lineText = (min: number, max: number) =>
  z
    .string()
    .max(max * 4, `At most ${max} characters`)
    .overwrite((value) => value.normalize('NFC').replace(/\s+/gu, ' ').trim())
    .refine((value) => codePoints(value) >= min, min === 1 ? 'Must not be empty' : `At least ${min} characters`)
    .refine((value) => codePoints(value) <= max, `At most ${max} characters`)
    .refine(storable, 'Contains characters that cannot be stored')
    .refine((value) => !disguises.test(value.replace(/\p{Extended_Pictographic}[\p{Emoji_Modifier}\uFE0F\u200D\p{Extended_Pictographic}]*/gu, '')), 'Contains invisible characters')
    .refine((value) => !longestMarkRun.test(value), 'Contains too many combining marks in a row')
