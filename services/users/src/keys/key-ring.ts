import type { RouteReply, usersApi } from '@finnigram/contracts'
import { AppError, isUnavailable, type Logger } from '@finnigram/service-kit'
import type { JSONWebKeySet } from 'jose'
import type pg from 'pg'
import { logNotes, writeNotes } from '../audit/audit-log.ts'
import type { UsersContext } from '../context.ts'
import type { Sealer } from './sealer.ts'
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

export interface KeyRing extends Disposable {
  /** Reads the keys, and makes the next one when it is time. From then on that happens by itself, within seconds of a change by others. */
  renew(): Promise<void>
  /** The key that signs now. Throws `unavailable` before the first `renew`. */
  signing(): SigningKey
  /** The keys whose signatures may still be met, and the one that comes next. Throws the same. */
  published(): JSONWebKeySet
}

interface KeyStore {
  pool: pg.Pool
  sealer: Sealer
}

const lookEveryMs = 2_000
const renewEveryMs = 5 * 60_000

/** The signing keys all nodes share: kept in the database, sealed, made by whichever node is first, replaced every 90 days without a token becoming void. */
export function createKeyRing({ log, ...store }: KeyStore & { log: Logger }): KeyRing {
  let keys: SigningKey[] = []
  let known = ''
  let renewedAt = Number.NEGATIVE_INFINITY
  let stop: (() => void) | undefined
  const renew = async () => {
    const fingerprint = await keysFingerprint(store.pool)
    const before = keys
    keys = await loadKeys(store)
    if (before.length > 0) logChange(log, before, keys)
    known = fingerprint
    renewedAt = performance.now()
    stop ??= repeat(look, log)
  }
  const look = async () => {
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

/** What others did is told here, too: the log of every node shows when its keys changed. */
function logChange(log: Logger, before: SigningKey[], after: SigningKey[]): void {
  const has = (keys: SigningKey[], kid: string) => keys.some((key) => key.kid === kid)
  if (after.some(({ kid }) => !has(before, kid))) logNotes(log, [{ type: 'key_made', userId: null }])
  if (before.some(({ kid }) => !has(after, kid))) logNotes(log, [{ type: 'keys_removed', userId: null }])
}

/** Looks every few seconds, one look at a time; the last keys serve on while the database is away, which is told once. */
function repeat(look: () => Promise<void>, log: Logger): () => void {
  let isLooking = false
  let hasFailed = false
  const timer = setInterval(async () => {
    if (isLooking) return
    isLooking = true
    try {
      await look()
      hasFailed = false
    } catch (error) {
      if (!hasFailed)
        log[isUnavailable(error) ? 'warn' : 'error']('The signing keys could not be read again', { error })
      hasFailed = true
    } finally {
      isLooking = false
    }
  }, lookEveryMs)
  timer.unref()
  return () => clearInterval(timer)
}

/** All keys in use, oldest first; there is at least one. */
async function loadKeys(store: KeyStore): Promise<SigningKey[]> {
  const rows = await withStoredKeys(store, async (tx, stored) => {
    const missing = missingFrom(stored)
    if (missing) {
      stored.push(await storeKey(tx, store.sealer, await generateSigningKey(missing)))
      await writeNotes(tx, [{ type: 'key_made', userId: null }])
    }
    const ended = stored.filter((_, place) => isOver(stored[place + 1]))
    await deleteKeys(
      tx,
      ended.map(({ kid }) => kid),
    )
    return stored.filter((row) => !ended.includes(row))
  })
  return Promise.all(rows.map(toSigningKey))
}

/** When a key that has to be made now begins to sign: at once if it is the first. */
function missingFrom(stored: SigningKeyRow[]): Date | undefined {
  const newest = stored.at(-1)
  if (!newest) return new Date()
  const next = newest.activeFrom.getTime() + rotateAfterMs - publishedAheadMs
  return next <= Date.now() ? new Date(Date.now() + publishedAheadMs) : undefined
}

const isOver = (successor: SigningKeyRow | undefined) =>
  successor !== undefined && successor.activeFrom.getTime() + keptAfterMs < Date.now()

/** The public keys (RFC 7517). A new one is published well before it signs, so that five minutes of cache are harmless. */
export function publishKeys(
  { keys }: UsersContext,
  setHeader: (name: string, value: string) => void,
): RouteReply<typeof usersApi.jwks> {
  setHeader('cache-control', 'public, max-age=300')
  return { keys: keys.published().keys.map((key) => ({ ...key })) }
}
