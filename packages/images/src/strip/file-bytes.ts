import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { UnreadableImage } from '../unreadable-image.ts'

/** What is held of a file at once, in bytes. */
const windowBytes = 256 * 1024
/** The longest piece that is asked for in one go, in bytes. */
const longest = 4 * 2 ** 20

/** The bytes of a file, read as they are looked at, however large it is. Reads block: this is for a worker thread. */
export class FileBytes implements Disposable {
  readonly size: number
  readonly #file: number
  #window = Buffer.alloc(windowBytes)
  #start = 0
  #end = 0

  constructor(path: string) {
    this.#file = openSync(path, 'r')
    this.size = fstatSync(this.#file).size
  }

  /** The bytes from `start` to before `end`; they are good until the next call. Throws `UnreadableImage` when the file ends before. */
  cut(start: number, end: number): Buffer {
    if (!(start >= 0 && end >= start)) throw new UnreadableImage('A part of the picture lies nowhere')
    if (end > this.size) throw new UnreadableImage('The picture ends too early')
    const length = end - start
    if (length > longest) throw new UnreadableImage('A part of the picture is too long')
    if (start < this.#start || end > this.#end) {
      if (length > this.#window.length) this.#window = Buffer.alloc(length)
      this.#start = start
      this.#end = start + this.#fill(start)
      if (end > this.#end) throw new UnreadableImage('The picture ends too early')
    }
    return this.#window.subarray(start - this.#start, end - this.#start)
  }

  /** The byte at a place. */
  at(place: number): number {
    return this.cut(place, place + 1)[0] ?? 0
  }

  /** What the file has from `start` on, up to a window of it. */
  ahead(start: number): Buffer {
    return this.cut(start, Math.min(this.size, start + windowBytes))
  }

  #fill(start: number): number {
    let filled = 0
    while (filled < this.#window.length) {
      const read = readSync(this.#file, this.#window, filled, this.#window.length - filled, start + filled)
      if (read === 0) break
      filled += read
    }
    return filled
  }

  [Symbol.dispose](): void {
    closeSync(this.#file)
  }
}
