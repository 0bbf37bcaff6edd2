import { createECDH } from 'node:crypto'
import type pg from 'pg'
import type { Sealer } from '../keys/sealer.ts'

/** The key pair that push services know this server by (VAPID, RFC 8292): a point of P-256 and its scalar, base64url. */
export interface PushKeys {
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
 * The keys; made by whoever asks first, and by nobody again: every subscription names them. Sealed anew where an older
 * key of secrets sealed them.
 */
export async function loadPushKeys({ pool, sealer }: { pool: pg.Pool; sealer: Sealer }): Promise<PushKeys> {
  const stored = (await findKeys(pool)) ?? (await makeKeys(pool, sealer))
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

/** Of two nodes that make them at once both get those of the first. */
async function makeKeys(pool: pg.Pool, sealer: Sealer): Promise<StoredKeys> {
  const pair = createECDH(curve)
  const publicKey = pair.generateKeys().toString('base64url')
  // A scalar is written without its leading zeros.
  const scalar = Buffer.alloc(privateKeyBytes)
  const significant = pair.getPrivateKey()
  significant.copy(scalar, privateKeyBytes - significant.length)
  await pool.query(
    'INSERT INTO push_keys (id, public_key, private_key) VALUES (1, $1, $2) ON CONFLICT DO NOTHING',
    [publicKey, sealer.seal(purpose, scalar)],
  )
  const stored = await findKeys(pool)
  if (!stored) throw new Error('The keys of push notifications could not be made')
  return stored
}
