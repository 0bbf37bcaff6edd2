import { createWriteStream, type WriteStream } from 'node:fs'
import { rename, stat } from 'node:fs/promises'

const kept = 3
const tailBytes = 8_000
/** Bytes in memory that wait for a slow disk. More are dropped, and the log says how many. */
const mostWaitingBytes = 4 * 2 ** 20

/**
 * A log file that rotates to `.1`, `.2`, `.3` beyond `maxBytes`, and keeps its tail for crash
 * reports.
 */
export class RotatingLog implements AsyncDisposable {
  readonly path: string
  #stream: WriteStream
  #size: number
  #maxBytes: number
  #tail = ''
  #rotation: Promise<void> | undefined
  #waiting: Buffer[] = []
  #waitingBytes = 0
  #dropped = 0

  private constructor(path: string, { size, maxBytes }: { size: number; maxBytes: number }) {
    this.path = path
    this.#size = size
    this.#maxBytes = maxBytes
    this.#stream = open(path)
  }

  static async open(path: string, maxBytes = 10_000_000): Promise<RotatingLog> {
    const size = await stat(path).then(
      (found) => found.size,
      () => 0,
    )
    return new RotatingLog(path, { size, maxBytes })
  }

  write(chunk: Buffer): void {
    this.#tail = (this.#tail + chunk.toString('utf8')).slice(-tailBytes)
    // A write that failed has closed the file; the next may find room again.
    if (!this.#rotation && this.#stream.destroyed) this.#stream = open(this.path)
    if (this.#stream.writableLength + this.#waitingBytes + chunk.length > mostWaitingBytes) {
      this.#dropped += chunk.length
      return
    }
    if (this.#dropped > 0) this.#add(this.#dropNotice())
    this.#add(chunk)
  }

  /** Bytes that were dropped since the log last said so. */
  get dropped(): number {
    return this.#dropped
  }

  #add(chunk: Buffer): void {
    if (this.#rotation) {
      this.#waiting.push(chunk)
      this.#waitingBytes += chunk.length
      return
    }
    this.#stream.write(chunk)
    this.#size += chunk.length
    if (this.#size > this.#maxBytes) this.#rotation = this.#rotate()
  }

  #dropNotice(): Buffer {
    const line = `\n[${this.#dropped} bytes are missing here: the disk was too slow]\n`
    this.#dropped = 0
    return Buffer.from(line)
  }

  /** The last lines written since this process opened the log. */
  tail(lines = 15): string {
    return this.#tail.trimEnd().split('\n').slice(-lines).join('\n')
  }

  async #rotate() {
    await end(this.#stream)
    for (let index = kept - 1; index >= 0; index--) {
      await rename(index === 0 ? this.path : `${this.path}.${index}`, `${this.path}.${index + 1}`).catch(
        () => {},
      )
    }
    this.#stream = open(this.path)
    this.#size = 0
    this.#rotation = undefined
    this.#waitingBytes = 0
    for (const chunk of this.#waiting.splice(0)) {
      this.#stream.write(chunk)
      this.#size += chunk.length
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#rotation
    await end(this.#stream)
  }
}

/** A disk that is full costs log lines, never the stack. */
function open(path: string) {
  return createWriteStream(path, { flags: 'a', mode: 0o600 }).on('error', () => {})
}

const end = (stream: WriteStream) =>
  new Promise<void>((resolve) => {
    if (stream.closed || stream.destroyed) return resolve()
    stream.once('close', () => resolve()).end()
  })
