import type { IncomingMessage } from 'node:http'

/** Silence after which the rest is not waited for any more. */
const idleMs = 30_000
/** The longest that one request may go on sending. */
const wholeMs = 60 * 60 * 1000

/** The body of a request as it arrives. It just ends when the sender hangs up, stops sending for half a minute, or goes on for over an hour: tus counts what came. Whoever stops reading must `return` it. */
export async function* arrivingBytes(
  request: IncomingMessage,
  { idle = idleMs, whole = wholeMs }: { idle?: number; whole?: number } = {},
): AsyncGenerator<Uint8Array> {
  const until = performance.now() + whole
  const chunks = request.iterator({ destroyOnReturn: false })
  try {
    for (;;) {
      const next = await inTime(chunks.next(), Math.min(idle, until - performance.now()))
      if (next === undefined || next.done) return
      yield next.value
    }
  } finally {
    // Node throws away the rest of a body only if nobody began to read it: unread it would block the connection.
    void chunks.return?.().then(() => request.resume(), ignore)
  }
}

/** A request that failed has no rest. */
const ignore = () => {}

/** What `next` brings; undefined when it fails or takes longer than `ms`. */
async function inTime<T>(next: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, ms), undefined)
  })
  try {
    return await Promise.race([next, late])
  } catch {
    return undefined
  } finally {
    clearTimeout(timer)
  }
}
