import { createHmac, createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { newId } from '@finnigram/contracts'
import { createLogger, openPool } from '@finnigram/service-kit'
import { createSealer } from '../../services/users/src/keys/sealer.ts'
import type { Target } from './target.ts'

type Json = Record<string, unknown>

export const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url')
const decode = (part: string | undefined) =>
  JSON.parse(Buffer.from(part ?? '', 'base64url').toString()) as Json

/** The parts of a token that the server gave out. */
export function partsOf(token = ''): { header: Json; claims: Json; signature: string } {
  const [header, claims, signature = ''] = token.split('.')
  return { header: decode(header), claims: decode(claims), signature }
}

/** A token with these parts, signed with an Ed25519 key. */
export function signWith(key: KeyObject, header: Json, claims: Json): string {
  const content = `${encode(header)}.${encode(claims)}`
  return `${content}.${sign(null, Buffer.from(content), key).toString('base64url')}`
}

/** The same with a shared secret (HS256). */
export function macWith(secret: string | Buffer, header: Json, claims: Json): string {
  const content = `${encode(header)}.${encode(claims)}`
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`
}

/** A key that the server has never seen. */
export const foreignKey = () => generateKeyPairSync('ed25519')

/**
 * The server's own signing key, taken out of its database: so that a forgery is wrong in one thing
 * only.
 */
export async function stealKey({ usersDatabase, home }: Target): Promise<KeyObject> {
  const log = createLogger({ service: 'e2e', nodeId: 'e2e', level: 'error' })
  const pool = openPool({ url: usersDatabase, name: 'e2e', log })
  try {
    const { rows } = await pool.query<{ kid: string; sealed: Buffer }>(
      'SELECT kid, private_key AS sealed FROM signing_keys ORDER BY active_from LIMIT 1',
    )
    const [row] = rows
    if (!row) throw new Error('There is no signing key')
    const secrets = JSON.parse(await readFile(join(home, 'secrets.json'), 'utf8')) as { secretsKey: string }
    const jwk = createSealer(secrets.secretsKey).open(`signing key ${row.kid}`, row.sealed)
    return createPrivateKey({ key: JSON.parse(jwk.toString()), format: 'jwk' })
  } finally {
    await pool.end()
  }
}

/** Header and claims of Ada's token, fresh, with changes; `undefined` takes a part away. */
export function like({ ada }: Target, changes: { header?: Json; claims?: Json } = {}): [Json, Json] {
  const { header, claims } = partsOf(ada.token)
  return [
    { ...header, ...changes.header },
    { ...claims, jti: newId(), ...changes.claims },
  ]
}
