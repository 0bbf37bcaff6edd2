import { isEmailAddress, mostAddressBytes, normalizeEmail } from '@finnigram/text'
import { z } from 'zod'

/**
 * Longest run of combining marks a grapheme may carry: real scripts stay below ten, "zalgo" does
 * not.
 */
const longestMarkRun = /\p{M}{17,}/u
/** Something a reader can see. */
const visible = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}]/u
/** All but tab and newline: terminals and old programs leave them in what people paste. */
const controlCharacters = /[^\P{Cc}\t\n]/gu
/**
 * Half a surrogate pair is no character, and no database takes it; a program cut an emoji in two.
 */
const loneSurrogate = /\p{Cs}/gu
/**
 * Characters in a name that are invisible, or turn the direction of what follows. Joiners and
 * variation selectors are none of them: Persian, Sinhala, Malayalam, Mongolian, Han names and emoji
 * are written with them (UAX #31, 2.3).
 */
const disguises =
  /(?!\p{Join_Control}|\p{Variation_Selector}|\u034F|[\u{E0020}-\u{E007F}])[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\uFFF9-\uFFFB]/gu
/** Tag characters mean something only in the flag of a region (UTS #51, ED-14a). */
const regionFlag = /(\u{1F3F4}[\u{E0030}-\u{E0039}\u{E0061}-\u{E007A}]{2,6}\u{E007F})|[\u{E0020}-\u{E007F}]/gu

const codePoints = (value: string) => {
  let count = 0
  for (const _ of value) count += 1
  return count
}

/**
 * A text as a database takes it: line breaks as `\n`, no control characters, U+FFFD for half a
 * character.
 */
export const storable = (value: string): string =>
  value.replace(/\r\n?/g, '\n').replace(controlCharacters, '').replace(loneSurrogate, '\uFFFD')

/**
 * What people write: storable, NFC, at most `max` characters (Unicode code points), and something
 * in it that can be seen.
 */
export const bodyText = (max: number) =>
  z
    .string()
    .max(max * 2, `At most ${max} characters`)
    .overwrite((value) => storable(value).normalize('NFC'))
    .refine((value) => visible.test(value), 'Must not be empty')
    .refine((value) => codePoints(value) <= max, `At most ${max} characters`)
    .refine((value) => !longestMarkRun.test(value), 'Contains too many combining marks in a row')

/**
 * A name on one line: storable, trimmed, white space folded, NFC, and something in it that can be
 * seen. Invisible and direction-changing characters are taken out.
 */
export const lineText = (min: number, max: number) =>
  z
    .string()
    .max(max * 4, `At most ${max} characters`)
    .overwrite((value) =>
      storable(value)
        .replace(/\s+/gu, ' ')
        .replace(disguises, '')
        .replace(regionFlag, '$1')
        .normalize('NFC')
        .replace(/ +/g, ' ')
        .trim(),
    )
    .refine((value) => value === '' || visible.test(value), 'Must not be empty')
    .refine(
      (value) => codePoints(value) >= min,
      min === 1 ? 'Must not be empty' : `At least ${min} characters`,
    )
    .refine((value) => codePoints(value) <= max, `At most ${max} characters`)
    .refine((value) => !longestMarkRun.test(value), 'Contains too many combining marks in a row')

/** An e-mail address, normalized. */
export const Email = z
  .string()
  .max(2 * mostAddressBytes, `At most ${mostAddressBytes} bytes`)
  .overwrite(normalizeEmail)
  .refine(isEmailAddress, 'Is not an e-mail address')
  .meta({
    format: 'idn-email',
    description:
      'In any script (RFC 6531); of one domain, `müller.example` and `xn--mller-kva.example` are the same address',
  })
