import type { IncomingMessage, ServerResponse } from 'node:http'

/** People whose refusal is remembered. */
const mostPeople = 10_000
/** A service that says so may be wrong about how long. */
const longestMs = 10_000

/**
 * Knows whose chunks of uploads a service refuses for now, so that their bodies need not be passed
 * on to hear it again.
 */
export interface Refusals {
  /** Milliseconds until another chunk of this person may be tried; null where it may be now. */
  waitFor(request: IncomingMessage): number | null
  /** Notes how a chunk was answered. */
  note(request: IncomingMessage, response: ServerResponse): void
}

/**
 * Chunks are the only calls with large bodies that come by the thousand. A service refuses one by its head (429), but by
 * then some of its body was copied through two processes, which costs a hundred times as much.
 */
export function createRefusals(now = () => performance.now()): Refusals {
  const until = new Map<string, number>()
  return {
    waitFor(request) {
      const key = chunkKey(request)
      const end = key === undefined ? undefined : until.get(key)
      if (key === undefined || end === undefined) return null
      const waitMs = end - now()
      if (waitMs > 0) return waitMs
      until.delete(key)
      return null
    },
    note(request, response) {
      const key = response.statusCode === 429 ? chunkKey(request) : undefined
      if (key === undefined) return
      const ms = Number(response.getHeader('retry-after') ?? 1) * 1_000
      until.delete(key)
      until.set(key, now() + Math.min(longestMs, Math.max(0, ms || 0)))
      const [oldest] = until.keys()
      if (until.size > mostPeople && oldest !== undefined) until.delete(oldest)
    },
  }
}

/** Whose chunk it is, by the end of the token, which nobody can guess. */
const chunkKey = ({ method, url = '', headers }: IncomingMessage): string | undefined =>
  method === 'PATCH' && url.startsWith('/v1/uploads/') ? headers.authorization?.slice(-43) : undefined
