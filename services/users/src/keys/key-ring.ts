import type { RouteReply, usersApi } from '@finnigram/contracts'
import { AppError, isUnavailable, type Logger } from '@finnigram/service-kit'
import type { JSONWebKeySet } from 'jose'
import { insertAuditEntries, logAuditEntries } from '../audit/audit-log.ts'
import type { WithLog, WithPool } from '../deps.ts'
import type { WithSealer } from './sealer.ts'
import {
  deleteKeys,
  generateSigningKey,
  keptAfterMs,
  keysFingerprint,
  publishedAheadMs,
  rotateAfterMs,
  type SigningKey,
  type SigningKeyRow,
  storeKey,
  toSigningKey,
  withStoredKeys,
} from './signing-keys.ts'

/*
 * Tokens and keys: access tokens are JWTs (RFC 9068) that every service verifies by itself, with
 * the public keys this service publishes (JWKS, RFC 7517).
 *
 * Promises
 * - All nodes share the keys. Private keys lie encrypted in the database (`sealer.ts`).
 * - A key is published 15 minutes before it signs, so verifiers know it in time.
 * - Keys rotate every 90 days, and no token becomes invalid by that: a replaced key stays published
 *   until its last token has expired. Times are in `signing-keys.ts`.
 * - After a theft, `npm run keys:rotate -- --now` removes all keys but a new one. Their access
 *   tokens are refused within half a minute; refresh tokens, which need no key, stay valid.
 *
 * Procedure: the first node creates a key under an advisory lock. Each node polls a fingerprint of
 * the stored keys every two seconds and loads them when it changes. Every five minutes it checks
 * whether it is time for the next key, or to delete one.
 *
 * Never
 * - A private key never leaves this service, and is never stored in clear.
 * - Requests do not wait for the database: keys are in memory, also while the database is away.
 *
 * Callers: `signAccessToken`, the route of the JWKS, this service's own token verifier.
 */

export interface KeyRing extends Disposable {
  /** Loads the keys, creates the next one when it is time, and starts polling. */
  renew(): Promise<void>
  /** The key that signs now. Throws `unavailable` before the first `renew`. */
  signing(): SigningKey
  /** The public keys of valid tokens, and the next key. Throws `unavailable` before `renew`. */
  published(): JSONWebKeySet
}

export interface WithKeys {
  readonly keys: KeyRing
}

type KeyStore = WithPool & WithSealer

const pollEveryMs = 2_000
const renewEveryMs = 5 * 60_000

/** Opens the signing keys. They are usable after the first `renew`. */
export function createKeyRing({ log, ...store }: KeyStore & WithLog): KeyRing {
  let keys: SigningKey[] = []
  let known = ''
  let renewedAt = Number.NEGATIVE_INFINITY
  let stop: (() => void) | undefined
  const renew = async () => {
    const fingerprint = await keysFingerprint(store.pool)
    const before = keys
    keys = await loadKeys(store)
    if (before.length > 0) logKeyChange(log, before, keys)
    known = fingerprint
    renewedAt = performance.now()
    stop ??= startPolling(poll, log)
  }
  const poll = async () => {
    const isDue = performance.now() - renewedAt >= renewEveryMs
    if (isDue || (await keysFingerprint(store.pool)) !== known) await renew()
  }
  return {
    renew,
    signing() {
      const key = keys.findLast(({ activeFrom }) => activeFrom.getTime() <= Date.now()) ?? keys[0]
      if (!key) throw new AppError('unavailable')
      return key
    },
    published() {
      if (keys.length === 0) throw new AppError('unavailable')
      return { keys: keys.map(({ publicJwk }) => publicJwk) }
    },
    [Symbol.dispose]: () => stop?.(),
  }
}

/** Every node logs when its keys change, whichever node changed them. */
function logKeyChange(log: Logger, before: SigningKey[], after: SigningKey[]): void {
  const has = (keys: SigningKey[], kid: string) => keys.some((key) => key.kid === kid)
  if (after.some(({ kid }) => !has(before, kid))) logAuditEntries(log, [{ type: 'key_made', userId: null }])
  if (before.some(({ kid }) => !has(after, kid)))
    logAuditEntries(log, [{ type: 'keys_removed', userId: null }])
}

/**
 * Polls without overlap. While the database is away the last keys stay in use, and it is logged
 * once.
 */
function startPolling(poll: () => Promise<void>, log: Logger): () => void {
  let isPolling = false
  let hasFailed = false
  const timer = setInterval(async () => {
    if (isPolling) return
    isPolling = true
    try {
      await poll()
      hasFailed = false
    } catch (error) {
      if (!hasFailed)
        log[isUnavailable(error) ? 'warn' : 'error']('The signing keys could not be read again', { error })
      hasFailed = true
    } finally {
      isPolling = false
    }
  }, pollEveryMs)
  timer.unref()
  return () => clearInterval(timer)
}

/** All keys in use, oldest first; there is at least one. */
async function loadKeys(store: KeyStore): Promise<SigningKey[]> {
  const rows = await withStoredKeys(store, async (tx, stored) => {
    const missing = missingFrom(stored)
    if (missing) {
      stored.push(await storeKey(tx, store.sealer, await generateSigningKey(missing)))
      await insertAuditEntries(tx, [{ type: 'key_made', userId: null }])
    }
    const ended = stored.filter((_, index) => hasExpired(stored[index + 1]))
    await deleteKeys(
      tx,
      ended.map(({ kid }) => kid),
    )
    return stored.filter((row) => !ended.includes(row))
  })
  return Promise.all(rows.map(toSigningKey))
}

/** When a key that must be created now begins to sign. Undefined if none is needed. */
function missingFrom(stored: SigningKeyRow[]): Date | undefined {
  const newest = stored.at(-1)
  if (!newest) return new Date()
  const next = newest.activeFrom.getTime() + rotateAfterMs - publishedAheadMs
  return next <= Date.now() ? new Date(Date.now() + publishedAheadMs) : undefined
}

const hasExpired = (successor: SigningKeyRow | undefined) =>
  successor !== undefined && successor.activeFrom.getTime() + keptAfterMs < Date.now()

/**
 * The public keys (RFC 7517). A key is published well before it signs, so five minutes of cache do
 * no harm.
 */
export function publishKeys(
  { keys }: WithKeys,
  setHeader: (name: string, value: string) => void,
): RouteReply<typeof usersApi.jwks> {
  setHeader('cache-control', 'public, max-age=300')
  return { keys: keys.published().keys.map((key) => ({ ...key })) }
}
