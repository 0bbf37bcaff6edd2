/** Accents, points and vowel marks of the scripts that are read without them. Marks that carry sound, as in kana and Indic scripts, stay. */
const accents =
  /(?![\u3099\u309a])(?=\p{Mn})[\p{Script=Inherited}\p{Script=Cyrillic}\p{Script=Hebrew}\p{Script=Arabic}]/gu

/** Letters that Unicode does not take apart, but readers do. */
const unlike: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ı: 'i',
  ł: 'l',
  ŋ: 'n',
  þ: 'th',
  ŧ: 't',
  ς: 'σ',
}
const unlikeLetters = new RegExp(`[${Object.keys(unlike).join('')}]`, 'g')

/** The form in which names and texts are compared: without case, accents, width variants and ligatures, katakana as hiragana, Hangul as letters. Independent of any database's locale. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(accents, '')
    .toLowerCase()
    .normalize('NFKD')
    .replace(accents, '')
    .replace(unlikeLetters, (letter) => unlike[letter] ?? letter)
    .replace(/[\u30a1-\u30f6]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60))
}
