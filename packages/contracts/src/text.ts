import { z } from 'zod'

/** Longest run of combining marks a grapheme may carry: real scripts stay below ten, "zalgo" does not. */
const longestMarkRun = /\p{M}{17,}/u
/** Something a reader can see. */
const visible = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}]/u
const controlCharacters = /[^\P{Cc}\t\n]/u
/** Characters that are invisible or turn the direction of what follows: fine in a message, a disguise in a name. */
const disguises = /\p{Default_Ignorable_Code_Point}|\p{Bidi_Control}/u
/** Emoji are joined and coloured by such characters, and may keep them. */
const emoji = /\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\uFE0F|\u200D|\p{Extended_Pictographic})*/gu

const codePoints = (value: string) => {
  let count = 0
  for (const _ of value) count += 1
  return count
}

const storable = (value: string) => value.isWellFormed() && !controlCharacters.test(value)

/** What people write: NFC, line breaks as `\n`, no control characters, at most `max` characters (Unicode code points), and something in it that can be seen. */
export const bodyText = (max: number) =>
  z
    .string()
    .max(max * 2, `At most ${max} characters`)
    .overwrite((value) => value.replace(/\r\n?/g, '\n').normalize('NFC'))
    .refine((value) => visible.test(value), 'Must not be empty')
    .refine((value) => codePoints(value) <= max, `At most ${max} characters`)
    .refine(storable, 'Contains characters that cannot be stored')
    .refine((value) => !longestMarkRun.test(value), 'Contains too many combining marks in a row')

/** A name on one line: trimmed, white space folded, NFC, without invisible or direction-changing characters. */
export const lineText = (min: number, max: number) =>
  z
    .string()
    .max(max * 4, `At most ${max} characters`)
    .overwrite((value) => value.normalize('NFC').replace(/\s+/gu, ' ').trim())
    .refine(
      (value) => codePoints(value) >= min,
      min === 1 ? 'Must not be empty' : `At least ${min} characters`,
    )
    .refine((value) => codePoints(value) <= max, `At most ${max} characters`)
    .refine(storable, 'Contains characters that cannot be stored')
    .refine((value) => !disguises.test(value.replace(emoji, '')), 'Contains invisible characters')
    .refine((value) => !longestMarkRun.test(value), 'Contains too many combining marks in a row')
