import { expect, test } from 'vitest'
import { fold } from './fold.ts'

test.each([
  ['José Ñandú', 'jose nandu'],
  ['ÅSTRÖM', 'astrom'],
  ['Straße', 'strasse'],
  ['Łódź', 'lodz'],
  ['İstanbul ılık', 'istanbul ilik'],
  ['Ｆｕｌｌ Ｗｉｄｔｈ', 'full width'],
  ['ﬁnn', 'finn'],
  ['Ёлка', 'елка'],
  ['Νίκος', 'νικοσ'],
  ['カタカナ', 'かたかな'],
  ['אָלֶף', 'אלף'],
  ['مُحَمَّد', 'محمد'],
])('%s is compared as %s', (text, folded) => {
  expect(fold(text)).toBe(folded)
})

test('vowel signs that carry sound stay', () => {
  expect(fold('कि')).not.toBe(fold('क'))
  expect(fold('が')).not.toBe(fold('か'))
})

test('folding what is folded changes nothing', () => {
  for (const text of ['José', 'Straße', 'Łódź', '김철수', 'Ǆ', 'ẞ', 'Åé', '㎏', 'ſ']) {
    expect(fold(fold(text))).toBe(fold(text))
  }
})
