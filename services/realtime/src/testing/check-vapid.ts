import { createPublicKey, verify } from 'node:crypto'

const longestSeconds = 24 * 3600

/**
 * Why the `Authorization` header of a push message does not name its sender (VAPID, RFC 8292);
 * undefined when it does. `expectedKey` is the key the subscription was made with.
 */
export function vapidMistake(
  header: string | undefined,
  { origin, expectedKey }: { origin: string; expectedKey: string | undefined },
): string | undefined {
  const match = /^vapid t=([\w-]+\.[\w-]+\.[\w-]+), ?k=([\w-]+)$/.exec(header ?? '')
  const [, token = '', key = ''] = match ?? []
  if (!match) return 'There is no VAPID authorization'
  if (expectedKey !== undefined && key !== expectedKey) return 'Another key made the subscription'
  const [head = '', body = '', signature = ''] = token.split('.')
  const { aud, exp, sub } = parse(body)
  const { alg } = parse(head)
  const seconds = Number(exp) - Date.now() / 1000
  if (alg !== 'ES256') return 'The token is not signed with ES256'
  if (aud !== origin) return `The token is for ${String(aud)}`
  if (!(seconds > 0 && seconds <= longestSeconds)) return 'The token has ended, or ends too late'
  if (!/^(mailto:.+@.+|https:\/\/.+)/.test(String(sub))) return 'The token names nobody to write to'
  return isSigned(`${head}.${body}`, { signature, key }) ? undefined : 'The signature is not of that key'
}

function isSigned(text: string, { signature, key }: { signature: string; key: string }): boolean {
  const point = Buffer.from(key, 'base64url')
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33, 65).toString('base64url'),
  }
  const publicKey = createPublicKey({ key: jwk, format: 'jwk' })
  const raw = Buffer.from(signature, 'base64url')
  return verify('sha256', Buffer.from(text), { key: publicKey, dsaEncoding: 'ieee-p1363' }, raw)
}

const parse = (part: string) =>
  JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
