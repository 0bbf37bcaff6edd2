import { createWriteStream, type WriteStream } from 'node:fs'
import { rename, stat } from 'node:fs/promises'

const kept = 3
const tailBytes = 8_000

/** A log file that moves to `.1`, `.2`, `.3` when it outgrows `maxBytes`, and remembers its last lines for a crash report. */
export class RotatingLog implements AsyncDisposable {
  readonly path: string
  #stream: WriteStream
  #size: number
  #maxBytes: number
  #tail = ''
  #rotation: Promise<void> | undefined
  #waiting: Buffer[] = []

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
    if (this.#rotation) {
      this.#waiting.push(chunk)
      return
    }
    // A write that failed has closed the file; the next may find room again.
    if (this.#stream.destroyed) this.#stream = open(this.path)
    this.#stream.write(chunk)
    this.#size += chunk.length
    if (this.#size > this.#maxBytes) this.#rotation = this.#rotate()
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
