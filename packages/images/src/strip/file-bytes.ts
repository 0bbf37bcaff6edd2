import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { UnreadableImage } from '../image-type.ts'

/**
 * What one window holds of a file, in bytes, and how many there are: tables that are read side by
 * side have one each.
 */
const windowBytes = 256 * 1024
const windowsAtOnce = 4
/** The longest piece that is asked for in one go, in bytes. */
const longest = 4 * 2 ** 20

interface Window {
  bytes: Buffer
  start: number
  end: number
}

/**
 * The bytes of a file, read as they are looked at, however large it is. Reads block: this is for a
 * worker thread.
 */
export class FileBytes implements Disposable {
  readonly size: number
  readonly #file: number
  /** The one that was looked at last comes first. */
  readonly #windows: Window[] = []

  constructor(path: string) {
    this.#file = openSync(path, 'r')
    this.size = fstatSync(this.#file).size
  }

  /**
   * The bytes from `start` to before `end`; they are good until the next call. Throws
   * `UnreadableImage` when the file ends before.
   */
  cut(start: number, end: number): Buffer {
    if (!(start >= 0 && end >= start)) throw new UnreadableImage('A part of the picture lies nowhere')
    if (end > this.size) throw new UnreadableImage('The picture ends too early')
    if (end - start > longest) throw new UnreadableImage('A part of the picture is too long')
    const { bytes, start: from } = this.#windowOn(start, end)
    return bytes.subarray(start - from, end - from)
  }

  /** The byte at a place. */
  at(place: number): number {
    return this.cut(place, place + 1)[0] ?? 0
  }

  /** What the file has from `start` on, up to a window of it. */
  ahead(start: number): Buffer {
    return this.cut(start, Math.min(this.size, start + windowBytes))
  }

  #windowOn(start: number, end: number): Window {
    const windows = this.#windows
    const known = windows.findIndex((window) => start >= window.start && end <= window.end)
    const [found] = known < 0 ? [] : windows.splice(known, 1)
    const window = found ?? this.#open(start, end)
    windows.unshift(window)
    return window
  }

  /** In place of the one that was looked at longest ago. */
  #open(start: number, end: number): Window {
    const oldest = this.#windows.length < windowsAtOnce ? undefined : this.#windows.pop()
    const fits = oldest && oldest.bytes.length >= end - start
    const bytes = fits ? oldest.bytes : Buffer.alloc(Math.max(windowBytes, end - start))
    const window = { bytes, start, end: start + this.#fill(bytes, start) }
    if (end > window.end) throw new UnreadableImage('The picture ends too early')
    return window
  }

  #fill(bytes: Buffer, start: number): number {
    let filled = 0
    while (filled < bytes.length) {
      const read = readSync(this.#file, bytes, filled, bytes.length - filled, start + filled)
      if (read === 0) break
      filled += read
    }
    return filled
  }

  [Symbol.dispose](): void {
    closeSync(this.#file)
  }
}
