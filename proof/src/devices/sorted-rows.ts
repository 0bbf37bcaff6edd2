import type { KeyRange } from '@finnigram/client'

interface Row {
  text: string
  version: number | undefined
}

/** One table: texts by key, walked in the order of the keys. */
export class SortedRows {
  readonly #rows = new Map<string, Row>()
  readonly #keys: string[] = []

  get(key: string): string | undefined {
    return this.#rows.get(key)?.text
  }

  /** A row of a higher version stays. */
  put(key: string, text: string, version: number | undefined): void {
    const stored = this.#rows.get(key)
    if (version !== undefined && stored?.version !== undefined && version < stored.version) return
    if (!stored) this.#keys.splice(this.#firstFrom(key), 0, key)
    this.#rows.set(key, { text, version })
  }

  delete(key: string): void {
    if (this.#rows.delete(key)) this.#keys.splice(this.#firstFrom(key), 1)
  }

  deleteRange({ from, to }: { from: string; to: string }): void {
    for (const key of this.#within({ from, to })) this.delete(key)
  }

  range({ from, to, reverse = false, limit }: KeyRange): string[] {
    const keys = this.#within({
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    })
    if (reverse) keys.reverse()
    return (limit === undefined ? keys : keys.slice(0, limit)).map((key) => this.#rows.get(key)?.text ?? '')
  }

  #within({ from, to }: { from?: string; to?: string }): string[] {
    const start = from === undefined ? 0 : this.#firstFrom(from)
    let end = to === undefined ? this.#keys.length : this.#firstFrom(to)
    if (this.#keys[end] === to) end += 1
    return this.#keys.slice(start, end)
  }

  /** Place of the first key that is not before this one. */
  #firstFrom(key: string): number {
    let low = 0
    let high = this.#keys.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#keys[middle] ?? '') < key) low = middle + 1
      else high = middle
    }
    return low
  }
}
