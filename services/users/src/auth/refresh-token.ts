import { createHmac, hash, randomBytes } from 'node:crypto'

const familyBytes = 16
const secretBytes = 32
const textLength = Math.ceil(((familyBytes + secretBytes) * 4) / 3)

/**
 * A refresh token: `family` identifies the session, `secret` (256 bits) is for one use. Only
 * hashes are stored.
 */
export interface RefreshToken {
  readonly family: Buffer
  readonly secret: Buffer
}

export function newRefreshToken(): RefreshToken {
  return { family: randomBytes(familyBytes), secret: randomBytes(secretBytes) }
}

/** The token as clients hold it: 64 characters of base64url. */
export function formatRefreshToken({ family, secret }: RefreshToken): string {
  return Buffer.concat([family, secret]).toString('base64url')
}

/** Undefined for text that cannot be a token. */
export function parseRefreshToken(text: string): RefreshToken | undefined {
  if (text.length !== textLength || !/^[\w-]+$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64url')
  return { family: bytes.subarray(0, familyBytes), secret: bytes.subarray(familyBytes) }
}

export const newSuccessorSalt = () => randomBytes(secretBytes)

/**
 * The token after `token`, derived from its secret and a salt that only the server has. So it can
 * be sent again without being stored.
 */
export function successorOf(token: RefreshToken, salt: Uint8Array): RefreshToken {
  return { family: token.family, secret: createHmac('sha256', token.secret).update(salt).digest() }
}

/**
 * The stored form of a part of a token. Parts are long and random, so a plain SHA-256 protects
 * them.
 */
export const hashTokenPart = (part: Uint8Array) => hash('sha256', part, 'buffer')
