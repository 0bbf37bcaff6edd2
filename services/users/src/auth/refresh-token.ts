import { createHmac, hash, randomBytes } from 'node:crypto'

const familyBytes = 16
const secretBytes = 32
const textLength = Math.ceil(((familyBytes + secretBytes) * 4) / 3)

/** A refresh token: `family` names the session and stays, `secret` (256 bits) is good for one use. Only hashes of either are stored. */
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

/** The token that follows `token`: made from its secret and a salt that only the server has, so that it can be told again without being stored. */
export function successorOf(token: RefreshToken, salt: Uint8Array): RefreshToken {
  return { family: token.family, secret: createHmac('sha256', token.secret).update(salt).digest() }
}

/** What is stored of a part of a token. The parts are random and long, so a plain SHA-256 cannot be searched. */
export const hashOf = (part: Uint8Array) => hash('sha256', part, 'buffer')
