import { createCipheriv, createDecipheriv, createHmac, hash, randomBytes } from 'node:crypto'

/**
 * Encrypts the secrets of this service before they reach the database (authenticated encryption).
 */
export interface Sealer {
  /** Encrypts. `purpose` says what it is and whose; the value opens for the same purpose only. */
  seal(purpose: string, plain: Uint8Array): Buffer
  /** Decrypts. Throws if the value was changed, has another purpose, or its key is missing. */
  open(purpose: string, sealed: Uint8Array): Buffer
  /** A keyed digest (HMAC): counts a text without revealing it. It changes with the key. */
  digest(purpose: string, text: string): Buffer
  /** Whether it was sealed with the present key. */
  isCurrent(sealed: Uint8Array): boolean
}

export interface WithSealer {
  readonly sealer: Sealer
}

const algorithm = 'aes-256-gcm'
const idBytes = 4
const nonceBytes = 12
const tagBytes = 16

interface Key {
  id: Buffer
  bytes: Buffer
}

/**
 * Seals with AES-256-GCM (NIST SP 800-38D) and a fresh nonce each time. A sealed value is key id,
 * nonce, ciphertext, tag. `setting` is SECRETS_KEY: its first key seals, all open.
 */
export function createSealer(setting: string): Sealer {
  const [first, ...older] = setting.split(',').map((text) => toKey(text.trim()))
  if (!first) throw new Error('There is no key to seal with')
  const keys = [first, ...older]
  return {
    seal(purpose, plain) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv(algorithm, first.bytes, nonce, { authTagLength: tagBytes })
      cipher.setAAD(Buffer.from(purpose))
      return Buffer.concat([first.id, nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
    },
    open(purpose, sealed) {
      const { id, nonce, body, tag } = split(sealed)
      const key = keys.find((one) => one.id.equals(id))
      if (!key) throw new Error('SECRETS_KEY does not hold the key that this was sealed with')
      const decipher = createDecipheriv(algorithm, key.bytes, nonce, { authTagLength: tagBytes })
      decipher.setAAD(Buffer.from(purpose))
      decipher.setAuthTag(tag)
      return Buffer.concat([decipher.update(body), decipher.final()])
    },
    digest: (purpose, text) =>
      createHmac('sha256', first.bytes).update(`finnigram digest: ${purpose}\0${text}`).digest(),
    isCurrent: (sealed) => first.id.equals(split(sealed).id),
  }
}

/** A key with its id: a hash, which reveals nothing of the key. */
function toKey(text: string): Key {
  const bytes = Buffer.from(text, 'base64')
  const id = hash('sha256', Buffer.concat([Buffer.from('finnigram key id:'), bytes]), 'buffer')
  return { id: id.subarray(0, idBytes), bytes }
}

function split(sealed: Uint8Array) {
  const bytes = Buffer.from(sealed)
  if (bytes.length < idBytes + nonceBytes + tagBytes) throw new Error('Too short to be a sealed value')
  return {
    id: bytes.subarray(0, idBytes),
    nonce: bytes.subarray(idBytes, idBytes + nonceBytes),
    body: bytes.subarray(idBytes + nonceBytes, -tagBytes),
    tag: bytes.subarray(-tagBytes),
  }
}
