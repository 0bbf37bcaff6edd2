import { createDatabase } from '@finnigram/testing'
import { decodeProtectedHeader, type JSONWebKeySet } from 'jose'
import { expect, test } from 'vitest'
import { startUsers } from '../src/service.ts'
import { caller, startTestUsers, testConfig } from './start-test-users.ts'

const jwksOf = async (url: string) => caller(url)<JSONWebKeySet>('GET /.well-known/jwks.json')
const kidOf = (token: string) => decodeProtectedHeader(token).kid

test('the published keys are public, and may be cached', async () => {
  await using users = await startTestUsers()
  const { status, body, headers } = await jwksOf(users.url)

  expect(status).toBe(200)
  expect(body.keys).toEqual([
    { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid: expect.any(String), x: expect.any(String) },
  ])
  expect(headers.get('cache-control')).toBe('public, max-age=300')
  const { accessToken } = await users.register()
  expect(decodeProtectedHeader(accessToken)).toMatchObject({
    alg: 'EdDSA',
    typ: 'at+jwt',
    kid: body.keys[0]?.kid,
  })
})

test('nodes that start at once on an empty database share one key', async () => {
  const databaseUrl = await createDatabase()
  await using users = await startTestUsers({ DATABASE_URL: databaseUrl })
  const config = testConfig({ databaseUrl, redisUrl: users.redis.url })
  const others = await Promise.all([startUsers(config), startUsers(config)])
  try {
    const { accessToken } = await users.register()
    for (const other of others) {
      expect((await jwksOf(other.url)).body).toEqual((await jwksOf(users.url)).body)
      expect((await caller(other.url)('GET /v1/users/me', { token: accessToken })).status).toBe(200)
    }
  } finally {
    await Promise.all(others.map((other) => other[Symbol.asyncDispose]()))
  }
})

test('a key is replaced ahead of time, and kept until its last token has ended', async () => {
  await using users = await startTestUsers()
  const { keys, pool } = users.ctx
  const old = await users.register()
  const age = (days: number) =>
    pool.query('UPDATE signing_keys SET active_from = active_from - make_interval(days => $1)', [days])

  await age(90)
  await keys.renew()
  const announced = (await jwksOf(users.url)).body.keys
  expect(announced).toHaveLength(2)
  expect(kidOf((await users.register()).accessToken)).toBe(kidOf(old.accessToken))

  await pool.query(`UPDATE signing_keys SET active_from = now() WHERE active_from > now()`)
  await keys.renew()
  const next = await users.register()
  expect(kidOf(next.accessToken)).toBe(announced[1]?.kid)
  expect((await users.call('GET /v1/users/me', { token: old.accessToken })).status).toBe(200)
  expect((await jwksOf(users.url)).body.keys).toHaveLength(2)

  await pool.query(`UPDATE signing_keys SET active_from = active_from - interval '1 hour'`)
  await keys.renew()
  expect((await jwksOf(users.url)).body.keys.map(({ kid }) => kid)).toEqual([announced[1]?.kid])
})
