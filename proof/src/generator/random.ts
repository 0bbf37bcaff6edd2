/** Numbers from 0 to 1, the same ones for the same seed. */
export interface Random {
  (): number
  /** A whole number from 0 to `count` - 1. */
  below(count: number): number
  /** One of them; undefined when there is none. */
  pick<T>(items: readonly T[]): T | undefined
  chance(probability: number): boolean
  between(from: number, to: number): number
}

/**
 * A source for one purpose (mulberry32 over a hash of both): what one part draws moves no other
 * part's numbers.
 */
export function createRandom(seed: number, purpose: string): Random {
  let state = hash(`${seed} ${purpose}`)
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (count: number) => Math.floor(next() * count)
  return Object.assign(next, {
    below,
    pick: <T>(items: readonly T[]) => items[below(items.length)],
    chance: (probability: number) => next() < probability,
    between: (from: number, to: number) => from + next() * (to - from),
  })
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return value
}
