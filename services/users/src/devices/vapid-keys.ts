import { createECDH } from 'node:crypto'
import type pg from 'pg'
import type { WithPool } from '../deps.ts'
import type { Sealer, WithSealer } from '../keys/sealer.ts'

/**
 * The VAPID key pair (RFC 8292) that identifies this server to push services: P-256, in base64url.
 */
export interface VapidKeys {
  publicKey: string
  privateKey: string
}

interface StoredKeys {
  publicKey: string
  /** Sealed. */
  privateKey: Uint8Array
}

const curve = 'prime256v1'
const privateKeyBytes = 32
const purpose = 'push keys'

/**
 * Loads the keys, and creates them at the first call. They are never replaced, because every
 * subscription is bound to them. Seals them again if an older key sealed them.
 */
export async function loadVapidKeys({ pool, sealer }: WithPool & WithSealer): Promise<VapidKeys> {
  const stored = (await findKeys(pool)) ?? (await createKeys(pool, sealer))
  const opened = sealer.open(purpose, stored.privateKey)
  if (!sealer.isCurrent(stored.privateKey)) {
    await pool.query('UPDATE push_keys SET private_key = $2 WHERE private_key = $1', [
      stored.privateKey,
      sealer.seal(purpose, opened),
    ])
  }
  return { publicKey: stored.publicKey, privateKey: opened.toString('base64url') }
}

async function findKeys(pool: pg.Pool): Promise<StoredKeys | undefined> {
  const { rows } = await pool.query<StoredKeys>(
    'SELECT public_key AS "publicKey", private_key AS "privateKey" FROM push_keys WHERE id = 1',
  )
  return rows[0]
}

/** Of two nodes that create keys at once, both get those of the first. */
async function createKeys(pool: pg.Pool, sealer: Sealer): Promise<StoredKeys> {
  const pair = createECDH(curve)
  const publicKey = pair.generateKeys().toString('base64url')
  // `getPrivateKey` omits leading zeros.
  const scalar = Buffer.alloc(privateKeyBytes)
  const significant = pair.getPrivateKey()
  significant.copy(scalar, privateKeyBytes - significant.length)
  await pool.query(
    'INSERT INTO push_keys (id, public_key, private_key) VALUES (1, $1, $2) ON CONFLICT DO NOTHING',
    [publicKey, sealer.seal(purpose, scalar)],
  )
  const stored = await findKeys(pool)
  if (!stored) throw new Error('The VAPID keys could not be created')
  return stored
}
