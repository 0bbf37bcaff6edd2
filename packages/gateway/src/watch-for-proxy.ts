import type { IncomingMessage } from 'node:http'
import { isPublicHost } from '@finnigram/service-kit/edge'

/** Told at most this often, in milliseconds. */
const tellEveryMs = 60_000

/**
 * Notices a proxy before the gateway that `TRUST_PROXY` does not name: requests from a private address that say for whom
 * they are. Everyone behind it looks like one person then, and shares one person's limits.
 */
export function createProxyWatch(
  { onSeen, warn }: { onSeen: () => void; warn: (text: string) => void },
  now: () => number = () => performance.now(),
): (request: IncomingMessage) => void {
  let toldAt = Number.NEGATIVE_INFINITY
  return ({ headers, socket }) => {
    if (headers['x-forwarded-for'] === undefined) return
    const peer = (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
    if (isPublicHost(peer)) return
    onSeen()
    if (now() - toldAt < tellEveryMs) return
    toldAt = now()
    warn(
      `A proxy at ${peer} says for whom it asks (X-Forwarded-For), but it is not trusted: all its people count as one, limits and all. If it is yours, set TRUST_PROXY=on.`,
    )
  }
}
