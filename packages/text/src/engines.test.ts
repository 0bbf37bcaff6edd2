import { expect, test } from 'vitest'
import { isWordAt } from './characters.ts'
import { fold } from './fold.ts'

/**
 * Hermes, the engine of the phones, takes neither the `v` flag nor every script extension. Here
 * what stands in their place is compared with what it stands for, over all that Unicode has.
 */
const everyCharacter = Array.from({ length: 0x110000 }, (_, code) => code)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code))

const differing = (one: (character: string) => boolean, other: (character: string) => boolean) =>
  everyCharacter.filter((character) => one(character) !== other(character))

test('a word ends in the same scripts as with the script extensions of all of them', () => {
  const spaceless =
    /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u
  const isWord = (character: string) => /[\p{L}\p{N}\p{M}_]/u.test(character)
  expect(
    differing(
      (character) => isWordAt(character, 0),
      (character) => isWord(character) && !spaceless.test(character),
    ),
  ).toEqual([])
})

test('the same accents and unread characters are folded away as with the intersection and difference of sets', () => {
  const accents =
    /[[\p{Mn}&&[\p{Script=Inherited}\p{Script=Cyrillic}\p{Script=Hebrew}\p{Script=Arabic}]]--[\u3099\u309a]]|\u093c|\u061c|\u0640|\u180e|[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/v
  const isGone = (character: string) => fold(character) === ''
  expect(
    differing(isGone, (character) => [...character.normalize('NFKD')].every((one) => accents.test(one))),
  ).toEqual([])
})
