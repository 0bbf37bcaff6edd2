import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { defineRoute } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createTokenVerifier, route } from '../src/index.ts'
import { serve, testLog } from './serve.ts'

const issuer = 'test-issuer'
const audience = 'test-audience'

/** An issuer of tokens with a real JWKS endpoint that can go away and come back. */
async function startIssuer() {
  const pairs = new Map([['k1', await generateKeyPair('EdDSA')]])
  let requests = 0
  let aheadMs = 0
  const server = createServer(async (_request, response) => {
    requests += 1
    const keys = [...pairs].map(async ([kid, { publicKey }]) => ({
      ...(await exportJWK(publicKey)),
      kid,
      alg: 'EdDSA',
    }))
    response
      .setHeader('content-type', 'application/json')
      .setHeader('date', new Date(Date.now() + aheadMs).toUTCString())
      .end(JSON.stringify({ keys: await Promise.all(keys) }))
  })
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  await listen(0)
  const { port } = server.address() as AddressInfo
  const goAway = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return {
    url: `http://127.0.0.1:${port}/.well-known/jwks.json`,
    requests: () => requests,
    setClock(ms: number) {
      aheadMs = ms
    },
    goAway,
    comeBack: () => listen(port),
    removeKey: (kid: string) => pairs.delete(kid),
    async addKey(kid: string) {
      pairs.set(kid, await generateKeyPair('EdDSA'))
    },
    async sign({ kid = 'k1', typ = 'at+jwt', ...claims }: JWTPayload & { kid?: string; typ?: string } = {}) {
      const pair = pairs.get(kid)
      if (!pair) throw new Error('No such key')
      return new SignJWT({
        sub: 'user-1',
        sid: 'session-1',
        iss: issuer,
        aud: audience,
        exp: inSeconds(900),
        ...claims,
      })
        .setProtectedHeader({ alg: 'EdDSA', kid, typ })
        .sign(pair.privateKey)
    },
    async [Symbol.asyncDispose]() {
      if (server.listening) await goAway()
    },
  }
}

const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds
const verifierOf = (jwks: string) => createTokenVerifier({ jwks, issuer, audience, log: testLog() })

test('a token of the issuer names its user and session', async () => {
  await using users = await startIssuer()
  using verifier = verifierOf(users.url)
  const actor = await verifier.verify(await users.sign())
  expect(actor).toEqual({ userId: 'user-1', sessionId: 'session-1', expiresAt: expect.any(Number) })
})

test('an expired token is distinguished from an invalid one', async () => {
  await using users = await startIssuer()
  await using other = await startIssuer()
  using verifier = verifierOf(users.url)
  const codeOf = async (token: string) =>
    verifier.verify(token).then(
      () => 'accepted',
      ({ code }) => code,
    )
  expect(await codeOf(await users.sign({ exp: inSeconds(-60) }))).toBe('token_expired')
  expect(await codeOf(await users.sign({ aud: 'someone else' }))).toBe('unauthenticated')
  expect(await codeOf(await users.sign({ iss: 'someone else' }))).toBe('unauthenticated')
  expect(await codeOf(await users.sign({ typ: 'JWT' }))).toBe('unauthenticated')
  expect(await codeOf(await users.sign({ sid: undefined }))).toBe('unauthenticated')
  expect(await codeOf(await other.sign())).toBe('unauthenticated')
  expect(await codeOf('nonsense')).toBe('unauthenticated')
  const [header, payload] = (await users.sign()).split('.')
  expect(await codeOf(`${header}.${payload}.`)).toBe('unauthenticated')
  const none = `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${payload}.`
  expect(await codeOf(none)).toBe('unauthenticated')
})

test('a remembered token still expires', async () => {
  await using users = await startIssuer()
  using verifier = verifierOf(users.url)
  const token = await users.sign({ exp: inSeconds(-3) })
  await verifier.verify(token)
  await expect
    .poll(
      () =>
        verifier.verify(token).then(
          () => 'accepted',
          ({ code }) => code,
        ),
      { timeout: 4000 },
    )
    .toBe('token_expired')
})

test('tokens verify while the issuer is away, once its keys are known', async () => {
  await using users = await startIssuer()
  using verifier = verifierOf(users.url)
  await verifier.verify(await users.sign())
  await users.goAway()
  expect((await verifier.verify(await users.sign({ jti: 'another' }))).userId).toBe('user-1')
})

test('a verifier without keys is unavailable, and recovers when the issuer is up', async () => {
  await using users = await startIssuer()
  await users.goAway()
  using verifier = verifierOf(users.url)
  const token = await users.sign()
  await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'unavailable', retryAfter: 1 })
  await users.comeBack()
  await expect
    .poll(() =>
      verifier.verify(token).then(
        ({ userId }) => userId,
        ({ code }) => code,
      ),
    )
    .toBe('user-1')
})

test('a new key is fetched when its first token comes, and unknown keys do not flood the issuer', async () => {
  await using users = await startIssuer()
  using verifier = createTokenVerifier({
    jwks: users.url,
    issuer,
    audience,
    log: testLog(),
    askAgainAfterMs: 50,
  })
  await verifier.verify(await users.sign())
  await new Promise((resolve) => setTimeout(resolve, 60))
  await users.addKey('k2')
  expect((await verifier.verify(await users.sign({ kid: 'k2' }))).userId).toBe('user-1')
  const before = users.requests()
  await using other = await startIssuer()
  await other.addKey('k3')
  const attempts = Array.from({ length: 50 }, async () =>
    verifier.verify(await other.sign({ kid: 'k3' })).catch(() => {}),
  )
  await Promise.all(attempts)
  expect(users.requests() - before).toBeLessThanOrEqual(2)
})

test('a route for signed-in users requires a token, and passes the user on', async () => {
  await using users = await startIssuer()
  using tokens = verifierOf(users.url)
  const whoAmI = defineRoute({
    method: 'GET',
    path: '/v1/me',
    summary: 'x',
    reply: { 200: z.object({ id: z.string() }) },
  })
  await using server = await serve([route(whoAmI, ({ actor }) => ({ id: actor.userId }))], { tokens })
  const get = (authorization?: string) =>
    server.call('GET', '/v1/me', authorization === undefined ? {} : { headers: { authorization } })
  const missing = await get()
  expect([missing.status, missing.json.code, missing.headers.get('www-authenticate')]).toEqual([
    401,
    'unauthenticated',
    'Bearer',
  ])
  expect((await get('Basic abc')).status).toBe(401)
  expect((await get('Bearer nonsense')).status).toBe(401)
  expect((await get(`Bearer ${await users.sign({ exp: inSeconds(-60) })}`)).json.code).toBe('token_expired')
  expect((await get(`Bearer ${await users.sign()}`)).json).toEqual({ id: 'user-1' })
})

test('a withdrawn key invalidates its tokens, also those seen before', async () => {
  await using users = await startIssuer()
  await users.addKey('k2')
  using verifier = createTokenVerifier({
    jwks: users.url,
    issuer,
    audience,
    log: testLog(),
    refreshEveryMs: 20,
  })
  const [lost, kept] = [await users.sign(), await users.sign({ kid: 'k2' })]
  for (const token of [lost, kept]) await verifier.verify(token)
  users.removeKey('k1')
  await eventually(() => expect(verifier.verify(lost)).rejects.toMatchObject({ code: 'unauthenticated' }))
  expect(await verifier.verify(kept)).toMatchObject({ userId: 'user-1' })
})

test('a token expires by its issuer’s clock, which may be ahead', async () => {
  await using users = await startIssuer()
  users.setClock(300_000)
  using verifier = verifierOf(users.url)
  const fresh = await users.sign({ exp: inSeconds(300 + 60) })
  const { expiresAt } = await verifier.verify(fresh)
  expect(Math.abs(expiresAt - (Date.now() + 60_000))).toBeLessThan(3_000)
  expect((await verifier.verify(fresh)).expiresAt).toBe(expiresAt)
  await expect(verifier.verify(await users.sign({ exp: inSeconds(300 - 30) }))).rejects.toMatchObject({
    code: 'token_expired',
  })
  expect(verifier.mostAheadMs).toBeGreaterThan(297_000)
})

test('an issuer’s clock that is behind or right changes nothing', async () => {
  await using users = await startIssuer()
  users.setClock(-300_000)
  using verifier = verifierOf(users.url)
  const exp = inSeconds(60)
  expect((await verifier.verify(await users.sign({ exp }))).expiresAt).toBe(exp * 1000)
  expect(verifier.mostAheadMs).toBe(0)
})
