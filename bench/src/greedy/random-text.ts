import { seededRandom } from '../random.ts'

/** The most a message may have. */
export const longest = 8_000

const scripts = [
  { from: 0x61, size: 26 },
  { from: 0x430, size: 32 },
  { from: 0x4e00, size: 20_000 },
]

/** Texts of `length` characters without a word twice: what gives an index the most to do. The same for the same seed. */
export function randomTexts(count: number, length: number, seed = 7): string[] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, (_, n) => {
    const { from, size } = scripts[n % scripts.length] ?? { from: 0x61, size: 26 }
    const letters = Array.from({ length }, (_, at) =>
      at % 9 === 8 ? ' ' : String.fromCodePoint(from + Math.floor(random() * size)),
    )
    return letters.join('').trim().slice(0, length)
  })
}
