import type { Change, Database, KeyRange, SessionStorage, Store, Table, Tables } from '@finnigram/client'
import type { Random } from '../generator/random.ts'

/** What one life of a device sees of its disk. */
export interface Mounted {
  store: Store
  sessionStorage: SessionStorage
  /**
   * The device dies: of what was being written an earlier part may have got there, and nobody hears
   * of anything any more.
   */
  die(): void
}

export interface Disk {
  mount(onWritten: (changes: readonly Change[]) => void): Mounted
  /** What is kept of a table, for who looks at the device from outside. */
  read<T extends Table>(table: T): Tables[T][]
}

interface Life {
  isOver: boolean
  writing: Set<() => void>
}

/** A promise of a device that is no more. */
const never = <T>() => new Promise<T>(() => undefined)

/**
 * A disk that outlives its device, for one person. Values are kept as text, so that nothing is
 * shared with whoever wrote them. A write takes effect whole, in the order of the calls, and only
 * then is it said to be done.
 */
export function createDisk(random: Random): Disk {
  const rows = new Map<string, SortedRows>()
  const session = new Map<string, string>()
  const of = (table: Table) => {
    const found = rows.get(table) ?? new SortedRows()
    rows.set(table, found)
    return found
  }
  const store = (life: Life, onWritten: (changes: readonly Change[]) => void): Store => ({
    open: () => settle(life, () => openRows(of, { life, onWritten })),
    destroy: () => written(life, () => rows.clear()),
  })
  return {
    mount(onWritten) {
      const life: Life = { isOver: false, writing: new Set() }
      const sessionStorage: SessionStorage = {
        get: (key) => settle(life, () => session.get(key) ?? null),
        set: (key, value) => written(life, () => session.set(key, value)),
        remove: (key) => written(life, () => session.delete(key)),
      }
      return { store: store(life, onWritten), sessionStorage, die: () => end(life, random) }
    },
    read: <T extends Table>(table: T) =>
      of(table)
        .range({})
        .map((text) => JSON.parse(text) as Tables[T]),
  }
}

function end(life: Life, random: Random): void {
  life.isOver = true
  const arrived = random.below(life.writing.size + 1)
  for (const write of [...life.writing].slice(0, arrived)) write()
  life.writing.clear()
}

/** Answers in a later turn, as a disk does, unless the device is dead by then. */
async function settle<T>(life: Life, read: () => T): Promise<T> {
  if (life.isOver) return never()
  const value = read()
  await new Promise((resolve) => setImmediate(resolve))
  return life.isOver ? never() : value
}

function written(life: Life, write: () => void): Promise<void> {
  if (life.isOver) return never()
  life.writing.add(write)
  return new Promise((resolve) => {
    setImmediate(() => {
      if (!life.writing.delete(write)) return
      write()
      resolve()
    })
  })
}

interface Writer {
  life: Life
  onWritten: (changes: readonly Change[]) => void
}

function openRows(of: (table: Table) => SortedRows, { life, onWritten }: Writer): Database {
  return {
    get: <T extends Table>(table: T, key: string) =>
      settle(life, () => {
        const text = of(table).get(key)
        return text === undefined ? undefined : (JSON.parse(text) as Tables[T])
      }),
    range: (table, range = {}) =>
      settle(life, () =>
        of(table)
          .range(range)
          .map((text) => JSON.parse(text)),
      ),
    write(changes) {
      const texts = changes.map((change) => (change.op === 'put' ? JSON.stringify(change.value) : ''))
      return written(life, () => {
        changes.forEach((change, index) => {
          applyChange(of(change.table), change, texts[index] ?? '')
        })
        onWritten(changes)
      })
    },
    close: () => settle(life, () => undefined),
  }
}

function applyChange(rows: SortedRows, change: Change, text: string): void {
  if (change.op === 'delete') rows.delete(change.key)
  else if (change.op === 'deleteRange') rows.deleteRange(change)
  else rows.put(change.key, text, change.version)
}

interface Row {
  text: string
  version: number | undefined
}

/** One table: texts by key, walked in the order of the keys. */
class SortedRows {
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
