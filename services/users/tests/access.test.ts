import { newId, type Problem } from '@finnigram/contracts'
import { type CryptoKey, decodeProtectedHeader, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { internalToken, startTestUsers, type TestUsers } from './start-test-users.ts'

let users: TestUsers
beforeAll(async () => {
  users = await startTestUsers()
})
afterAll(() => users[Symbol.asyncDispose]())

const signedInOnly = [
  'POST /v1/auth/logout',
  'GET /v1/auth/sessions',
  `DELETE /v1/auth/sessions/${newId()}`,
  'DELETE /v1/auth/sessions',
  'GET /v1/auth/activity',
  'POST /v1/auth/password',
  'POST /v1/auth/email/resend',
  'POST /v1/auth/reauthenticate',
  'POST /v1/auth/totp',
  'POST /v1/auth/totp/confirm',
  'DELETE /v1/auth/totp',
  'GET /v1/users/me',
  'PATCH /v1/users/me',
  'DELETE /v1/users/me',
  'GET /v1/users?query=anna',
  `GET /v1/users/${newId()}`,
  'POST /v1/users/lookup',
]

test.each(signedInOnly)('%s requires sign-in', async (request) => {
  const { status, body, headers } = await users.call<Problem>(request)
  expect(status).toBe(401)
  expect(body.code).toBe('unauthenticated')
  expect(headers.get('www-authenticate')).toBe('Bearer')
  expect(headers.get('x-request-id')).toBe(body.requestId)
})

interface Forgery {
  header?: Record<string, unknown>
  claims?: Record<string, unknown>
  key?: CryptoKey
  expiresIn?: number
}

/** A token like the service's own, but for what is said. */
async function forge({ header = {}, claims = {}, key, expiresIn = 600 }: Forgery): Promise<string> {
  const { user, accessToken } = await users.register()
  const now = Math.floor(Date.now() / 1000)
  const { privateKey } = users.ctx.keys.signing()
  return new SignJWT({ iss: 'finnigram', aud: 'finnigram', sub: user.id, sid: newId(), ...claims })
    .setProtectedHeader({ ...decodeProtectedHeader(accessToken), alg: 'EdDSA', ...header })
    .setIssuedAt(now + expiresIn - 900)
    .setExpirationTime(now + expiresIn)
    .sign(key ?? privateKey)
}

const unsigned = async () => {
  const { user } = await users.register()
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const claims = { iss: 'finnigram', aud: 'finnigram', sub: user.id, sid: newId(), exp: 4_000_000_000 }
  return `${encode({ alg: 'none', typ: 'at+jwt' })}.${encode(claims)}.`
}
const otherKey = async () => (await generateKeyPair('EdDSA', { crv: 'Ed25519' })).privateKey
/** The public key, which everyone has, used as if it were a shared secret. */
const confused = async () => {
  const { user, accessToken } = await users.register()
  const { kid } = decodeProtectedHeader(accessToken)
  const secret = new TextEncoder().encode(JSON.stringify(users.ctx.keys.published().keys[0]))
  return new SignJWT({ iss: 'finnigram', aud: 'finnigram', sub: user.id, sid: newId(), exp: 4_000_000_000 })
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', ...(kid === undefined ? {} : { kid }) })
    .sign(secret)
}
const tampered = async () => {
  const { accessToken } = await users.register()
  const [header, , signature] = accessToken.split('.')
  const [, claims] = (await users.register()).accessToken.split('.')
  return `${header}.${claims}.${signature}`
}

test.each([
  ['without a signature', unsigned],
  ['of another key', async () => forge({ key: await otherKey() })],
  ['of another type', () => forge({ header: { typ: 'JWT' } })],
  ['for another audience', () => forge({ claims: { aud: 'someone' } })],
  ['of another issuer', () => forge({ claims: { iss: 'someone' } })],
  ['without a session', () => forge({ claims: { sid: undefined } })],
  ['without a person', () => forge({ claims: { sub: undefined } })],
  ['of an unknown key id', () => forge({ header: { kid: 'unknown' } })],
  ['signed with the public key', confused],
  ['with the claims of another', tampered],
  ['of a refresh token', async () => (await users.register()).refreshToken],
  ['of nonsense', async () => 'nonsense'],
  ['of dots', async () => '..'],
])('a token %s is refused', async (_what, make) => {
  const token = await make()
  for (const request of ['GET /v1/users/me', 'GET /v1/users?query=anna']) {
    expect(await users.call(request, { token })).toMatchObject({
      status: 401,
      body: { code: 'unauthenticated' },
    })
  }
})

test('an expired token has its own error code, so that a client refreshes', async () => {
  const token = await forge({ expiresIn: -60 })
  expect(await users.call('GET /v1/users/me', { token })).toMatchObject({
    status: 401,
    body: { code: 'token_expired' },
  })
})

test('a token cannot be sent in the URL or as another scheme', async () => {
  const { accessToken } = await users.register()
  expect((await users.call(`GET /v1/users/me?access_token=${accessToken}`)).status).toBe(401)
  const headers = { authorization: `Basic ${accessToken}` }
  expect((await users.call('GET /v1/users/me', { headers })).status).toBe(401)
})

test('internal routes need the internal token', async () => {
  const { accessToken } = await users.register()
  const path = 'GET /internal/users/snapshot'
  expect((await users.call(path)).status).toBe(401)
  expect((await users.call(path, { token: accessToken })).status).toBe(401)
  expect((await users.call(path, { headers: { 'x-internal-token': `${internalToken}x` } })).status).toBe(401)
  expect((await users.call(path, { headers: { 'x-internal-token': internalToken } })).status).toBe(200)
})

test('an unknown path is answered with a problem', async () => {
  expect(await users.call('GET /v1/nothing')).toMatchObject({ status: 404, body: { code: 'not_found' } })
  expect(await users.call('PUT /v1/users/me')).toMatchObject({ status: 404 })
})
