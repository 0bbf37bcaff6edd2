import { type RouteReply, usersApi } from '@finnigram/contracts'
import type { InternalClient } from '@finnigram/service-kit'
import webpush from 'web-push'

export interface VapidKeys {
  publicKey: string
  privateKey: string
}

/**
 * A signature is valid for twelve hours; half of that is used, because clocks differ. In
 * milliseconds.
 */
const usedForMs = 6 * 3600_000
/** Most push services in the cache. */
const most = 1000

/**
 * The `Authorization` header by push service (VAPID, RFC 8292): one signature serves all that is
 * sent there for hours.
 */
export function createVapidHeaders(subject: string): (audience: string, keys: VapidKeys) => string {
  const known = new Map<string, { header: string; until: number }>()
  return (audience, { publicKey, privateKey }) => {
    const now = performance.now()
    const kept = known.get(audience)
    if (kept && kept.until > now) return kept.header
    const { Authorization: header } = webpush.getVapidHeaders(
      audience,
      subject,
      publicKey,
      privateKey,
      'aes128gcm',
    )
    if (known.size >= most) known.clear()
    known.set(audience, { header, until: now + usedForMs })
    return header
  }
}

/** The key pair of this server for Web Push. */
export interface PushKeys {
  /**
   * Loaded once, and again after a failure. Throws `unavailable` while the users service is down.
   */
  get(): Promise<RouteReply<typeof usersApi.getPushKeys>>
}

export interface WithPushKeys {
  readonly keys: PushKeys
}

export function createPushKeys(users: InternalClient): PushKeys {
  let asked: ReturnType<PushKeys['get']> | undefined
  return {
    get() {
      asked ??= users.call(usersApi.getPushKeys).catch((error) => {
        asked = undefined
        throw error
      })
      return asked
    },
  }
}

/**
 * A function whose calls resolve one in each turn of the event loop. A signature takes 0.4 ms: with
 * many new push services at once, other work runs in between.
 */
export function createYieldToEventLoop(): () => Promise<void> {
  let last = Promise.resolve()
  return () => {
    last = last.then(() => new Promise((resolve) => setImmediate(resolve)))
    return last
  }
}
