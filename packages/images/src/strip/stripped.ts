import { UnreadableImage } from '../image-type.ts'

/** Bytes of a file, from the first to before the last. */
export interface Range {
  start: number
  end: number
}

/** What stands at a place of the stripped file: bytes of the original, or others. */
type Write = ({ from: number; length: number } | { bytes: Uint8Array }) & { to: number }

/** A file without what it told of its owner: where nothing is written there are zeros. */
export interface Stripped {
  size: number
  writes: readonly Write[]
}

/** Pieces that a stripped file may consist of. */
const mostWrites = 200_000

/** A stripped file that consists of pieces of the original, one after the other. */
export class Sequence {
  readonly #writes: Write[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  keep(start: number, end: number): void {
    const last = this.#writes.at(-1)
    if (last && 'from' in last && last.from + last.length === start) last.length += end - start
    else this.#push({ to: this.#size, from: start, length: end - start })
    this.#size += end - start
  }

  /** Bytes that are not the original's; they are copied. */
  add(bytes: Uint8Array): void {
    this.#push({ to: this.#size, bytes: Uint8Array.from(bytes) })
    this.#size += bytes.length
  }

  /** Room for bytes that are known later: returns how to fill it. */
  reserve(length: number): (bytes: Uint8Array) => void {
    const to = this.#size
    this.#size += length
    return (bytes) => this.#push({ to, bytes })
  }

  done(): Stripped {
    return { size: this.#size, writes: this.#writes }
  }

  #push(write: Write): void {
    if (this.#writes.length >= mostWrites) throw new UnreadableImage('The picture is in too many pieces')
    this.#writes.push(write)
  }
}

/** A stripped file in which everything kept lies where it lay: other bytes point there. */
export class InPlace {
  readonly #kept: Range[] = []
  readonly #blanked: Range[] = []
  readonly #changed: Write[] = []

  keep(start: number, end: number): void {
    add(this.#kept, { start, end })
  }

  /** Zeros, whatever is kept around them. */
  blank(start: number, end: number): void {
    add(this.#blanked, { start, end })
  }

  change(to: number, bytes: Uint8Array): void {
    this.keep(to, to)
    this.#changed.push({ to, bytes: Uint8Array.from(bytes) })
  }

  done(size: number): Stripped {
    const kept = without(union(this.#kept), union(this.#blanked))
    const writes = kept.map(({ start, end }) => ({ to: start, from: start, length: end - start }))
    return { size, writes: [...writes, ...this.#changed] }
  }
}

function add(ranges: Range[], { start, end }: Range): void {
  const last = ranges.at(-1)
  if (last?.end === start) last.end = end
  else if (ranges.length < mostWrites) ranges.push({ start, end })
  else throw new UnreadableImage('The file is in too many pieces')
}

/**
 * What is left of ranges without others; both are in order, and neither touch nor overlap among
 * themselves.
 */
function without(ranges: readonly Range[], taken: readonly Range[]): Range[] {
  const left: Range[] = []
  let next = 0
  for (const { start, end } of ranges) {
    let at = start
    while ((taken[next]?.end ?? Number.POSITIVE_INFINITY) <= start) next += 1
    for (let i = next; (taken[i]?.start ?? end) < end; i += 1) {
      const range = taken[i] as Range
      if (range.start > at) left.push({ start: at, end: range.start })
      at = range.end
    }
    if (at < end) left.push({ start: at, end })
  }
  return left
}

/** The same bytes as ranges that do not touch, so that none is copied twice. */
function union(ranges: readonly Range[]): Range[] {
  const joined: Range[] = []
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = joined.at(-1)
    if (last && start <= last.end) last.end = Math.max(last.end, end)
    else joined.push({ start, end })
  }
  return joined.filter(({ start, end }) => end > start)
}
