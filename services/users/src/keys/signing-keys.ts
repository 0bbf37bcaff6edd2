import { withTransaction } from '@finnigram/service-kit'
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'
import type pg from 'pg'
import { z } from 'zod'
import type { WithPool } from '../deps.ts'
import type { Sealer, WithSealer } from './sealer.ts'

export interface SigningKey {
  readonly kid: string
  /** As published in the JWKS. */
  readonly publicJwk: JWK
  readonly privateKey: CryptoKey
  /** When it begins to sign: verifiers have fetched it by then. */
  readonly activeFrom: Date
}

/** A key as stored. */
export interface SigningKeyRow {
  kid: string
  publicJwk: JWK
  privateJwk: JWK
  activeFrom: Date
}

const algorithm = 'EdDSA'
const Okp = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string() })
const PrivateOkp = Okp.extend({ d: z.string() })

/** A new Ed25519 key (RFC 8037), named by its thumbprint (RFC 7638). */
export async function generateSigningKey(activeFrom: Date): Promise<SigningKeyRow> {
  const { privateKey } = await generateKeyPair(algorithm, { crv: 'Ed25519', extractable: true })
  const privateJwk = PrivateOkp.parse(await exportJWK(privateKey))
  const publicJwk = Okp.parse(privateJwk)
  const kid = await calculateJwkThumbprint(publicJwk)
  return { kid, publicJwk: { ...publicJwk, kid, alg: algorithm, use: 'sig' }, privateJwk, activeFrom }
}

export async function toSigningKey({
  kid,
  publicJwk,
  privateJwk,
  activeFrom,
}: SigningKeyRow): Promise<SigningKey> {
  const privateKey = await importJWK(privateJwk, algorithm)
  if (privateKey instanceof Uint8Array) throw new Error(`The signing key ${kid} is not an Ed25519 key`)
  return { kid, publicJwk, privateKey, activeFrom }
}

const minute = 60_000
const day = 24 * 60 * minute

/** Seconds for which an access token is valid. */
export const accessTokenSeconds = 15 * 60
/** How long a key signs. */
export const rotateAfterMs = 90 * day
/** How long before it signs a key is published. Verifiers fetch many times meanwhile. */
export const publishedAheadMs = 15 * minute
/** A replaced key stays until the last token it signed has expired, and a little longer. */
export const keptAfterMs = accessTokenSeconds * 1000 + 10 * minute

/** The advisory lock under which one process at a time changes the keys: "keys" in ASCII. */
const lock = 0x6b657973

interface StoredRow extends Omit<SigningKeyRow, 'privateJwk'> {
  /** Sealed. */
  privateKey: Uint8Array | null
  /** In clear, if an earlier version wrote it. */
  privateJwk: JWK | null
}

/**
 * Runs `work` with all keys, oldest first, under a lock. Private keys that are stored in clear, or
 * sealed with an older key, are sealed again.
 */
export function withStoredKeys<T>(
  { pool, sealer }: WithPool & WithSealer,
  work: (tx: pg.PoolClient, stored: SigningKeyRow[]) => Promise<T>,
): Promise<T> {
  return withTransaction(pool, async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock($1)', [lock])
    const { rows } = await tx.query<StoredRow>(
      `SELECT kid, public_jwk AS "publicJwk", private_key AS "privateKey", private_jwk AS "privateJwk",
  active_from AS "activeFrom"
FROM signing_keys ORDER BY active_from, kid`,
    )
    const opened = rows.map((row) => open(row, sealer))
    for (const [index, row] of rows.entries()) {
      const key = opened[index]
      const isSealed = row.privateJwk === null && row.privateKey !== null && sealer.isCurrent(row.privateKey)
      if (key && !isSealed) await reseal(tx, sealer, key)
    }
    return work(tx, opened)
  })
}

/** Stores a new key with its private part sealed. */
export async function storeKey(
  tx: pg.PoolClient,
  sealer: Sealer,
  row: SigningKeyRow,
): Promise<SigningKeyRow> {
  await tx.query(
    'INSERT INTO signing_keys (kid, public_jwk, private_key, active_from) VALUES ($1, $2, $3, $4)',
    [row.kid, row.publicJwk, sealed(sealer, row), row.activeFrom],
  )
  return row
}

export async function deleteKeys(tx: pg.PoolClient, kids: readonly string[]): Promise<void> {
  if (kids.length > 0) await tx.query('DELETE FROM signing_keys WHERE kid = ANY($1)', [kids])
}

/** Changes when the set of stored keys does. Cheap enough to poll. */
export async function keysFingerprint(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ fingerprint: string | null }>(
    `SELECT string_agg(kid || active_from::text, ',' ORDER BY kid) AS fingerprint FROM signing_keys`,
  )
  return rows[0]?.fingerprint ?? ''
}

const purpose = (kid: string) => `signing key ${kid}`

const sealed = (sealer: Sealer, { kid, privateJwk }: SigningKeyRow) =>
  sealer.seal(purpose(kid), Buffer.from(JSON.stringify(privateJwk)))

async function reseal(tx: pg.PoolClient, sealer: Sealer, row: SigningKeyRow): Promise<void> {
  await tx.query('UPDATE signing_keys SET private_key = $2, private_jwk = NULL WHERE kid = $1', [
    row.kid,
    sealed(sealer, row),
  ])
}

function open({ kid, publicJwk, privateKey, privateJwk, activeFrom }: StoredRow, sealer: Sealer) {
  if (privateKey === null && privateJwk === null)
    throw new Error(`The signing key ${kid} has no private part`)
  const jwk: JWK =
    privateKey === null ? (privateJwk ?? {}) : JSON.parse(sealer.open(purpose(kid), privateKey).toString())
  return { kid, publicJwk, privateJwk: jwk, activeFrom }
}
