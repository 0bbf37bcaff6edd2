/** Shorter words are in too many good passwords. */
const shortestWord = 4
/** What has to be left besides the words, in letters and digits: more than a year. */
const leastRest = 5

/** Whether a password is little more than words an attacker knows: the product's name, or parts of the person's own names and address (OWASP ASVS 5, 6.2.11). */
export function isPersonalPassword(password: string, names: readonly (string | null | undefined)[]): boolean {
  const whole = fold(password)
  const words = ['finnigram', ...names.flatMap((name) => wordsOf(name ?? ''))]
  let rest = whole
  for (const word of words.toSorted((a, b) => b.length - a.length)) rest = rest.replaceAll(word, '')
  return rest.length < whole.length && [...onlyLetters(rest)].length < leastRest
}

/** A name in one, and its parts. */
function wordsOf(name: string): string[] {
  const folded = fold(name)
  return [onlyLetters(folded), folded, ...folded.split(/[^\p{L}\p{N}]+/u)].filter(
    (word) => word.length >= shortestWord,
  )
}

const fold = (text: string) => text.normalize('NFKC').toLowerCase()
const onlyLetters = (text: string) => text.replace(/[^\p{L}\p{N}]/gu, '')
