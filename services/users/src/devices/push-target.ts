import { ECDH } from 'node:crypto'
import type { FieldError, NewPushDevice } from '@finnigram/contracts'
import { AppError, isPublicHost } from '@finnigram/service-kit'

type Subscription = Extract<NewPushDevice, { kind: 'webpush' }>['subscription']

/** An uncompressed point of P-256, and the auth secret (RFC 8291). */
const pointBytes = 65
const authBytes = 16

/**
 * Validates a subscription. The client chooses an address to which the server sends requests
 * (SSRF): only https and no private networks, unless `allowPrivate`. The sender checks again what a
 * name resolves to. Throws one `validation_failed` with all mistakes.
 */
export function requirePushTarget({ endpoint, keys }: Subscription, allowPrivate: boolean): void {
  const errors: FieldError[] = []
  const refuse = (path: string, message: string) =>
    errors.push({ path: `body.subscription.${path}`, message })
  const { protocol, hostname, username, password } = new URL(endpoint)
  if (username !== '' || password !== '') refuse('endpoint', 'Must not carry credentials')
  if (!allowPrivate && protocol !== 'https:') refuse('endpoint', 'Must be an https:// URL')
  if (!allowPrivate && !isPublicHost(hostname))
    refuse('endpoint', 'Must be an address of a public push service')
  if (!isPoint(Buffer.from(keys.p256dh, 'base64url')))
    refuse('keys.p256dh', 'Must be an uncompressed point of P-256')
  if (Buffer.from(keys.auth, 'base64url').length !== authBytes)
    refuse('keys.auth', `Must have ${authBytes} bytes`)
  if (errors.length > 0) throw new AppError('validation_failed', { errors })
}

/** Encrypting needs a point on the curve. */
function isPoint(bytes: Buffer): boolean {
  if (bytes.length !== pointBytes || bytes[0] !== 4) return false
  try {
    ECDH.convertKey(bytes, 'prime256v1')
    return true
  } catch {
    return false
  }
}

/** Expo's two forms: in brackets, or a UUID. */
const expoToken =
  /^(Expo(nent)?PushToken\[[^\s[\]]+\]|[\da-z]{8}-[\da-z]{4}-[\da-z]{4}-[\da-z]{4}-[\da-z]{12})$/i

/**
 * Expo refuses a whole batch of notifications for one invalid token. Throws `validation_failed`.
 */
export function requireExpoToken(token: string): void {
  if (expoToken.test(token)) return
  const error = { path: 'body.token', message: 'Must be an Expo push token, such as ExponentPushToken[…]' }
  throw new AppError('validation_failed', { errors: [error] })
}
