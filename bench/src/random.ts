/** Numbers from 0 to 1. */
export type Random = () => number

/** The same numbers for the same seed (mulberry32), so that every run has the same archive. */
export function seededRandom(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Picks a rank from 0 to `count` - 1 with the frequency of Zipf's law. */
export function zipf(count: number, random: Random, shift = 2.7): () => number {
  const sums = new Float64Array(count)
  let sum = 0
  for (let rank = 0; rank < count; rank += 1) {
    sum += 1 / (rank + shift)
    sums[rank] = sum
  }
  return () => {
    const wanted = random() * sum
    let low = 0
    let high = count - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sums[middle] ?? 0) < wanted) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** The most a message may have. */
export const longest = 8_000

const scripts = [
  { from: 0x61, size: 26 },
  { from: 0x430, size: 32 },
  { from: 0x4e00, size: 20_000 },
]

/**
 * Texts of `length` characters without a word twice: what gives an index the most to do. The same
 * for the same seed.
 */
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
