import { AppError, type Logger, withTransaction } from '@finnigram/service-kit'
import type { JSONWebKeySet } from 'jose'
import type pg from 'pg'
import { accessTokenSeconds } from './access-token-seconds.ts'
import { generateSigningKey, type SigningKey, type SigningKeyRow, toSigningKey } from './signing-key.ts'

export interface KeyRing extends Disposable {
  /** Reads the keys, and makes the next one when it is time. From then on that happens by itself. */
  renew(): Promise<void>
  /** The key that signs now. Throws `unavailable` before the first `renew`. */
  signing(): SigningKey
  /** The keys whose signatures may still be met, and the one that comes next. Throws the same. */
  published(): JSONWebKeySet
}

const minute = 60_000
const day = 24 * 60 * minute
/** A key signs for so long. */
const rotateAfterMs = 90 * day
/** A key is published so long before it signs: verifiers fetch every five minutes. */
const publishedAheadMs = 15 * minute
/** A replaced key stays until the last token it signed has ended, and a little longer. */
const keptAfterMs = accessTokenSeconds * 1000 + 10 * minute
const renewEveryMs = 5 * minute
/** The advisory lock under which one node at a time makes keys: "keys" in ASCII. */
const lock = 0x6b657973

/** The signing keys all nodes share: kept in the database, made by whichever node is first, replaced every 90 days without a token becoming void. */
export function createKeyRing({ pool, log }: { pool: pg.Pool; log: Logger }): KeyRing {
  let keys: SigningKey[] = []
  const renew = async () => {
    keys = await loadKeys(pool)
  }
  const timer = setInterval(() => {
    renew().catch((error) => log.warn('The signing keys could not be read again', { error }))
  }, renewEveryMs)
  timer.unref()
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
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

/** All keys in use, oldest first; there is at least one. */
async function loadKeys(pool: pg.Pool): Promise<SigningKey[]> {
  const rows = await withTransaction(pool, async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock($1)', [lock])
    const stored = await readKeys(tx)
    const missing = missingFrom(stored)
    if (missing) stored.push(await storeKey(tx, await generateSigningKey(missing)))
    const ended = stored.filter((_, place) => isOver(stored[place + 1]))
    if (ended.length > 0) {
      await tx.query('DELETE FROM signing_keys WHERE kid = ANY($1)', [ended.map(({ kid }) => kid)])
    }
    return stored.filter((row) => !ended.includes(row))
  })
  return Promise.all(rows.map(toSigningKey))
}

async function readKeys(tx: pg.PoolClient): Promise<SigningKeyRow[]> {
  const { rows } = await tx.query<SigningKeyRow>(
    `SELECT kid, public_jwk AS "publicJwk", private_jwk AS "privateJwk", active_from AS "activeFrom"
FROM signing_keys ORDER BY active_from, kid`,
  )
  return rows
}

async function storeKey(tx: pg.PoolClient, row: SigningKeyRow): Promise<SigningKeyRow> {
  await tx.query(
    'INSERT INTO signing_keys (kid, public_jwk, private_jwk, active_from) VALUES ($1, $2, $3, $4)',
    [row.kid, row.publicJwk, row.privateJwk, row.activeFrom],
  )
  return row
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
