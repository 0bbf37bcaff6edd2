import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import { UnreadableImage } from '../image-type.ts'
import type { StripOrder, StripResult } from './strip-worker.ts'

/**
 * The longest that a picture or film may take, in milliseconds; 100 MiB take less than a second.
 */
const longestMs = 30_000
/** A film may be of gigabytes: a slow disk copies so many bytes in a millisecond at least. */
const bytesPerMs = 20_000
const resourceLimits = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 16 }

export interface Stripper extends AsyncDisposable {
  /**
   * Writes a picture or film without what it told of its owner: no EXIF, XMP, IPTC, comments,
   * names, places, times, nor what was appended. It looks and sounds the same. Resolves with its
   * size. Throws `UnreadableImage` for what is damaged.
   */
  strip(order: StripOrder): Promise<number>
}

/**
 * Strips files one after the other in a thread of its own, which starts with the first. Disposing
 * ends it after the file it is at.
 */
export function createStripper(): Stripper {
  let worker: Worker | undefined
  let last: Promise<unknown> = Promise.resolve()
  const give = async (order: StripOrder): Promise<number> => {
    const { size } = await stat(order.from)
    worker ??= startWorker()
    const signal = AbortSignal.timeout(longestMs + Math.ceil(size / bytesPerMs))
    try {
      const answered = once(worker, 'message', { signal })
      worker.postMessage(order)
      const [result] = (await answered) as [StripResult]
      if ('size' in result) return result.size
      if ('unreadable' in result) throw new UnreadableImage(result.unreadable)
      throw result.failure
    } catch (cause) {
      if (cause instanceof UnreadableImage) throw cause
      // Whatever it is at, it gives back; the next picture gets another thread.
      void worker?.terminate()
      worker = undefined
      if (signal.aborted) throw new UnreadableImage('The picture takes too long to be read', { cause })
      throw cause
    }
  }
  return {
    strip(order) {
      const turn = last.then(() => give(order))
      last = turn.catch(() => {})
      return turn
    },
    async [Symbol.asyncDispose]() {
      await last
      await worker?.terminate()
      worker = undefined
    },
  }
}

function startWorker(): Worker {
  const worker = new Worker(new URL('./strip-worker.ts', import.meta.url), { resourceLimits })
  // Who asks hears of an error by `once`; one that comes later concerns nobody.
  worker.on('error', () => {})
  worker.unref()
  return worker
}
