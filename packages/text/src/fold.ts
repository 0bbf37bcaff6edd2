/**
 * Accents, points and vowel marks of the scripts that are read without them, and the dot of
 * Devanagari that many leave out. Marks that carry sound, as in kana and Indic scripts, stay.
 */
const accents =
  /(?![\u3099\u309a])(?=\p{Mn})[\p{Script=Inherited}\p{Script=Cyrillic}\p{Script=Hebrew}\p{Script=Arabic}]|\u093c/gu

/**
 * Characters that comparison ignores: joiners, soft hyphens, marks of direction, the Arabic
 * tatweel.
 */
const unread = /\u061c|\u0640|\u180e|[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g

/**
 * Letters that Unicode does not take apart, but readers do: the first of each group is what all are
 * compared as.
 */
const alike = [
  'ss ß',
  'ae æ',
  'oe œ',
  'o ø',
  'd đ ð',
  'h ħ',
  'i ı',
  'l ł',
  'n ŋ',
  'th þ',
  't ŧ',
  'σ ς',
  "' ʻ ʼ ʽ ʾ ʿ ˈ ‘ ’ ‛ ′ ׳",
  // Arabic letters as Egyptians, Persians and Urdu speakers type them.
  'ا ٱ',
  'ه ة ہ ۃ ھ ە',
  'ي ى ی ې',
  'ك ک ڪ',
  // Devanagari: the moon with its dot, and the dot alone.
  '\u0902 \u0901',
  // Forms of one character in Japanese names that Unicode keeps apart.
  '高 髙',
  '崎 﨑 嵜 碕',
  '浜 濱 濵',
  '辺 邊 邉',
  '斎 齋 斉 齊',
  '沢 澤',
  '島 嶋 嶌',
  '桜 櫻',
  '真 眞',
  '広 廣',
  '国 國',
  '徳 德',
  '黒 黑',
  '恵 惠',
  '栄 榮',
  '吉 𠮷',
]
const folded = new Map(
  alike.flatMap((group) => {
    const [to = '', ...from] = group.split(' ')
    return from.map((letter) => [letter, to] as const)
  }),
)
const unlikeLetters = new RegExp(`[${[...folded.keys()].join('')}]`, 'gu')

/** Zeros of the digits of living scripts; each is followed by the other nine. */
const zeros = '٠۰߀०০੦૦୦௦౦೦൦෦๐໐༠၀႐០᠐᥆᧐᪀᪐᭐᮰᱀᱐꘠꣐꤀꧐꧰꩐꯰'
const digits = new Map(
  Array.from(zeros).flatMap((zero) =>
    Array.from({ length: 10 }, (_, i) => [String.fromCharCode(zero.charCodeAt(0) + i), String(i)] as const),
  ),
)
const otherDigits = new RegExp(`[${[...digits.keys()].join('')}]`, 'g')

/**
 * The form in which names and texts are compared: case, accents, width and ligatures removed,
 * digits as 0 to 9, katakana as hiragana, Hangul decomposed into jamo, variants of a letter
 * unified. Independent of any database's locale.
 */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(accents, '')
    .toLowerCase()
    .normalize('NFKD')
    .replace(accents, '')
    .replace(unread, '')
    .replace(unlikeLetters, (letter) => folded.get(letter) ?? letter)
    .replace(otherDigits, (digit) => digits.get(digit) ?? digit)
    .replace(/[\u30a1-\u30f6]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60))
}
