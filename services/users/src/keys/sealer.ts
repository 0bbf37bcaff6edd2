import { createCipheriv, createDecipheriv, createHmac, hash, randomBytes } from 'node:crypto'

export interface Sealer {
  /** Encrypts; `purpose` names what it is and whose, and opens it again: a sealed value is worth nothing in another place. */
  seal(purpose: string, plain: Uint8Array): Buffer
  /** Throws where the value was changed, is of another purpose, or its key is not there. */
  open(purpose: string, sealed: Uint8Array): Buffer
  /** A keyed digest, by which something can be counted and not be read. It changes with the key. */
  digest(purpose: string, text: string): Buffer
  /** Whether the key that seals now sealed it. */
  isCurrent(sealed: Uint8Array): boolean
}

const algorithm = 'aes-256-gcm'
const idBytes = 4
const nonceBytes = 12
const tagBytes = 16

interface Key {
  id: Buffer
  bytes: Buffer
}

/** Seals with AES-256-GCM (NIST SP 800-38D), a fresh nonce each time: key id, nonce, ciphertext, tag. `setting` is SECRETS_KEY. */
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

/** The id tells keys apart and nothing about them. */
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
