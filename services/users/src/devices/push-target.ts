import { ECDH } from 'node:crypto'
import type { FieldError, NewPushDevice } from '@finnigram/contracts'
import { AppError, isPublicHost } from '@finnigram/service-kit'

type Subscription = Extract<NewPushDevice, { kind: 'webpush' }>['subscription']

/** An uncompressed point, and the secret of RFC 8291. */
const pointBytes = 65
const authBytes = 16

/**
 * A subscription makes this server send requests to an address that the client chose: https only, and none of the
 * addresses of private networks, unless `allowPrivate`. What a name resolves to is for the sender to check again.
 * Throws one `validation_failed` with every mistake.
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

/** Nothing can be encrypted for a point that is not on the curve. */
function isPoint(bytes: Buffer): boolean {
  if (bytes.length !== pointBytes || bytes[0] !== 4) return false
  try {
    ECDH.convertKey(bytes, 'prime256v1')
    return true
  } catch {
    return false
  }
}

/** As Expo writes them: in brackets, or a UUID. */
const expoToken =
  /^(Expo(nent)?PushToken\[[^\s[\]]+\]|[\da-z]{8}-[\da-z]{4}-[\da-z]{4}-[\da-z]{4}-[\da-z]{12})$/i

/** Expo takes many people's notifications in one call, and refuses the whole call for what is no token. Throws `validation_failed`. */
export function requireExpoToken(token: string): void {
  if (expoToken.test(token)) return
  const error = { path: 'body.token', message: 'Must be an Expo push token, such as ExponentPushToken[…]' }
  throw new AppError('validation_failed', { errors: [error] })
}
