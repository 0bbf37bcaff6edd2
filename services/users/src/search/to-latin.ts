const cyrillic =
  'а a б b в v г g ґ g д d е e ж zh з z и i і i ј j к k л l љ lj м m н n њ nj о o п p р r с s т t ћ c ђ dj у u ф f х kh ц ts ч ch џ dz ш sh щ shch ъ _ ы y ь _ э e є ye ю yu я ya'
const greek =
  'α a β v γ g δ d ε e ζ z η i θ th ι i κ k λ l μ m ν n ξ x ο o π p ρ r σ s τ t υ y φ f χ ch ψ ps ω o'

const letters = new Map<string, string>()
const pairs = `${cyrillic} ${greek}`.split(' ')
for (let i = 0; i < pairs.length; i += 2) {
  letters.set(pairs[i] ?? '', (pairs[i + 1] ?? '').replace('_', ''))
}

/** A folded word with its Cyrillic and Greek letters spelled in Latin ones, so that "ivan" finds "Иван" and the other way round. */
export function toLatin(word: string): string {
  return Array.from(word, (letter) => letters.get(letter) ?? letter).join('')
}
