import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createTokenVerifier } from '@finnigram/service-kit'
import { createDatabase, eventually, logLines } from '@finnigram/testing'
import { decodeProtectedHeader, type JSONWebKeySet } from 'jose'
import { expect, test } from 'vitest'
import { rotateKeys } from '../src/keys/rotate-keys.ts'
import { goodPassword, secretsKey, startTestUsers, type TestUsers } from './start-test-users.ts'

const program = fileURLToPath(new URL('../src/rotate-keys.ts', import.meta.url))
const rotate = async (DATABASE_URL: string, ...args: string[]) => {
  const env = { PATH: process.env['PATH'], DATABASE_URL, SECRETS_KEY: secretsKey }
  return (await promisify(execFile)(process.execPath, [program, ...args], { env })).stdout
}
const kidOf = (token: string) => String(decodeProtectedHeader(token).kid)
const published = async ({ call }: TestUsers) =>
  (await call<JSONWebKeySet>('GET /.well-known/jwks.json')).body.keys.map(({ kid }) => String(kid))
/** As another service verifies. */
const verifierOf = ({ url, ctx }: TestUsers) =>
  createTokenVerifier({
    jwks: `${url}/.well-known/jwks.json`,
    issuer: 'finnigram',
    audience: 'finnigram',
    log: ctx.log,
    refreshEveryMs: 50,
  })
const soon = { within: 12_000, every: 100 }

test('a rotated key is published before it signs, and tokens of the old one live out their time', async () => {
  await using users = await startTestUsers()
  using verifier = verifierOf(users)
  const old = await users.register()
  const said = await rotate(users.databaseUrl)

  const keys = await eventually(async () => {
    const found = await published(users)
    expect(found).toHaveLength(2)
    return found
  }, soon)
  const [, next = ''] = keys
  expect(said).toContain(`The new key ${next} is published now, and signs access tokens from 20`)
  expect(said).toContain(`this stays: ${kidOf(old.accessToken)}`)
  expect(kidOf((await users.register()).accessToken)).toBe(kidOf(old.accessToken))
  expect(await rotateKeys(users.ctx)).toMatchObject({ kid: next, wasWaiting: true })
  expect(await published(users)).toEqual(keys)

  await users.ctx.pool.query('UPDATE signing_keys SET active_from = now() WHERE kid = $1', [next])
  await users.ctx.keys.renew()
  const fresh = await users.register()
  expect(kidOf(fresh.accessToken)).toBe(next)
  for (const { user, accessToken } of [old, fresh])
    expect(await verifier.verify(accessToken)).toMatchObject({ userId: user.id })
}, 60_000)

test('an emergency rotation removes the old key at once: its access tokens are invalid, refresh tokens stay valid', async () => {
  await using users = await startTestUsers({ LOG_LEVEL: 'info' })
  using verifier = verifierOf(users)
  const { accessToken, refreshToken, user } = await users.register()
  await verifier.verify(accessToken)
  const said = await rotate(users.databaseUrl, '--now')
  expect(said).toContain(`Removed: ${kidOf(accessToken)}.`)

  await eventually(async () => {
    expect((await users.call('GET /v1/users/me', { token: accessToken })).status).toBe(401)
    await expect(verifier.verify(accessToken)).rejects.toMatchObject({ code: 'unauthenticated' })
  }, soon)
  const { status, body } = await users.refresh(refreshToken)
  expect(status).toBe(200)
  expect(await published(users)).toEqual([kidOf(body.accessToken)])
  expect(logLines()).toContainEqual(expect.objectContaining({ security: true, event: 'keys_removed' }))
  const entries = await users.ctx.pool.query(
    'SELECT type FROM security_events WHERE user_id IS NULL ORDER BY id',
  )
  expect(entries.rows.map(({ type }) => type)).toEqual(['key_made', 'key_made', 'keys_removed'])
  expect(await verifier.verify(body.accessToken)).toMatchObject({ userId: user.id })
}, 60_000)

test('private keys are stored sealed; those of earlier versions are sealed at the next start', async () => {
  const databaseUrl = await createDatabase()
  let kid = ''
  {
    await using users = await startTestUsers({ DATABASE_URL: databaseUrl })
    kid = users.ctx.keys.signing().kid
    const { rows } = await users.ctx.pool.query('SELECT private_jwk, private_key FROM signing_keys')
    expect(rows[0].private_jwk).toBeNull()
    const jwk = users.ctx.sealer.open(`signing key ${kid}`, rows[0].private_key).toString()
    expect(JSON.parse(jwk)).toMatchObject({ crv: 'Ed25519', d: expect.any(String) })
    await users.ctx.pool.query('UPDATE signing_keys SET private_jwk = $1, private_key = NULL', [jwk])
  }
  await using users = await startTestUsers({ DATABASE_URL: databaseUrl })
  expect(users.ctx.keys.signing().kid).toBe(kid)
  const { rows } = await users.ctx.pool.query(
    'SELECT private_jwk IS NULL AND private_key IS NOT NULL AS sealed FROM signing_keys',
  )
  expect(rows).toEqual([{ sealed: true }])
})

test('the key of secrets can be replaced: everything is sealed again, and the old key can be removed', async () => {
  const databaseUrl = await createDatabase()
  const [old, next] = [secretsKey, randomBytes(32).toString('base64')]
  const settings = { DATABASE_URL: databaseUrl }
  const sealedTotp = async (users: TestUsers) => {
    const { rows } = await users.ctx.pool.query('SELECT totp_secret FROM users WHERE totp_secret IS NOT NULL')
    return rows[0].totp_secret as Buffer
  }
  {
    await using users = await startTestUsers(settings)
    const { accessToken: token } = await users.register()
    const body = { password: goodPassword }
    expect((await users.call('POST /v1/auth/totp', { token, body })).status).toBe(200)
  }
  {
    await using users = await startTestUsers({ ...settings, SECRETS_KEY: `${next},${old}` })
    expect(users.ctx.sealer.isCurrent(await sealedTotp(users))).toBe(true)
  }
  {
    await using users = await startTestUsers({ ...settings, SECRETS_KEY: next })
    expect(users.ctx.sealer.isCurrent(await sealedTotp(users))).toBe(true)
    expect((await users.register()).accessToken).toBeTruthy()
  }
  await expect(startTestUsers({ ...settings, SECRETS_KEY: old })).rejects.toThrow(/SECRETS_KEY/)
  await expect(startTestUsers({ ...settings, SECRETS_KEY: 'short' })).rejects.toThrow(/SECRETS_KEY/)
})
