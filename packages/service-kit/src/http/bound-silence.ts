import { Readable } from 'node:stream'

/**
 * What somebody else sends stopped coming. Counts as unavailable, as other timeouts of calls do.
 */
class SourceSilent extends Error {
  override readonly name = 'TimeoutError'
}

/**
 * The same bytes, as a stream that fails once nothing more comes within `ms` of being wanted. A reader who is slow does
 * not count, only a source that is. Whoever stops reading ends the source.
 */
export function boundSilence(source: Readable, ms: number): Readable {
  const bounded = Readable.from(pieces(source, ms), { objectMode: false })
  // One that was never read from does not end its source by itself.
  bounded.once('close', () => source.destroy())
  return bounded
}

async function* pieces(source: Readable, ms: number): AsyncGenerator<Buffer> {
  const end = () => source.destroy(new SourceSilent(`Nothing came for ${ms} ms`))
  let timer = setTimeout(end, ms)
  try {
    for await (const piece of source as AsyncIterable<Buffer>) {
      clearTimeout(timer)
      yield piece
      timer = setTimeout(end, ms)
    }
  } finally {
    clearTimeout(timer)
  }
}
