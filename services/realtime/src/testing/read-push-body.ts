import { createDecipheriv, createECDH, type ECDH, hkdfSync } from 'node:crypto'

/** What a browser keeps to itself of a subscription. */
export interface SubscriptionSecrets {
  readonly keys: ECDH
  readonly auth: Buffer
}

export const newEcdh = (): ECDH => {
  const ecdh = createECDH('prime256v1')
  ecdh.generateKeys()
  return ecdh
}

/**
 * Decrypts one push message (RFC 8291 over RFC 8188, one record) as a browser does. Throws when it
 * is not for these keys.
 */
export function readPushBody(body: Buffer, { keys, auth }: SubscriptionSecrets): string {
  const salt = body.subarray(0, 16)
  const recordSize = body.readUInt32BE(16)
  const keyLength = body.readUInt8(20)
  const senderKey = body.subarray(21, 21 + keyLength)
  const record = body.subarray(21 + keyLength)
  if (record.length > recordSize) throw new Error('A push message is one record')
  const context = Buffer.concat([Buffer.from('WebPush: info\0'), keys.getPublicKey(), senderKey])
  const secret = derive({ secret: keys.computeSecret(senderKey), salt: auth, info: context, size: 32 })
  const key = derive({ secret, salt, info: Buffer.from('Content-Encoding: aes128gcm\0'), size: 16 })
  const nonce = derive({ secret, salt, info: Buffer.from('Content-Encoding: nonce\0'), size: 12 })
  const decipher = createDecipheriv('aes-128-gcm', key, nonce)
  decipher.setAuthTag(record.subarray(-16))
  const padded = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()])
  const end = padded.findLastIndex((byte) => byte !== 0)
  if (padded[end] !== 2) throw new Error('The last record ends with 2')
  return padded.subarray(0, end).toString()
}

function derive({
  secret,
  salt,
  info,
  size,
}: {
  secret: Buffer
  salt: Buffer
  info: Buffer
  size: number
}): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, info, size))
}
