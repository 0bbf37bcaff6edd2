import { execFile } from 'node:child_process'
import { createECDH, randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createDatabase, expectLog } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { loadVapidKeys, type VapidKeys } from '../src/devices/vapid-keys.ts'
import { createSealer } from '../src/keys/sealer.ts'
import { internalToken, secretsKey, startTestUsers, type TestUsers } from './start-test-users.ts'

const keysOf = async ({ call }: TestUsers) =>
  (await call<VapidKeys>('GET /internal/push/keys', { headers: { 'x-internal-token': internalToken } })).body

test('the VAPID keys are one pair of P-256, the same for every node from the first start on', async () => {
  const DATABASE_URL = await createDatabase()
  await using one = await startTestUsers({ DATABASE_URL })
  await one.ctx.pool.query('DELETE FROM push_keys')
  const made = await Promise.all(Array.from({ length: 12 }, () => loadVapidKeys(one.ctx)))
  expect(new Set(made.map((keys) => JSON.stringify(keys))).size).toBe(1)
  await using other = await startTestUsers({ DATABASE_URL })
  const keys = await keysOf(one)
  expect(keys).toEqual(made[0])
  expect(await keysOf(other)).toEqual(keys)

  const [point, scalar] = [keys.publicKey, keys.privateKey].map((text) => Buffer.from(text, 'base64url'))
  expect([point?.length, point?.[0], scalar?.length]).toEqual([65, 4, 32])
  const pair = createECDH('prime256v1')
  pair.setPrivateKey(scalar ?? Buffer.alloc(0))
  expect(pair.getPublicKey()).toEqual(point)
}, 60_000)

test('the private key is stored sealed; rotating keys seals it again and does not replace it', async () => {
  // This node has the old key alone, and looks for changed keys every two seconds.
  expectLog(/signing keys could not be read again/)
  const DATABASE_URL = await createDatabase()
  const next = randomBytes(32).toString('base64')
  await using users = await startTestUsers({ DATABASE_URL })
  const { pool } = users.ctx
  const keys = await keysOf(users)
  const sealed = async () =>
    (await pool.query('SELECT private_key FROM push_keys')).rows[0].private_key as Buffer
  expect((await sealed()).includes(Buffer.from(keys.privateKey, 'base64url'))).toBe(false)

  const env = { PATH: process.env['PATH'], DATABASE_URL, SECRETS_KEY: `${next},${secretsKey}` }
  const program = fileURLToPath(new URL('../src/rotate-keys.ts', import.meta.url))
  await promisify(execFile)(process.execPath, [program, '--now'], { env })
  expect(createSealer(next).isCurrent(await sealed())).toBe(true)
  expect(await loadVapidKeys({ pool, sealer: createSealer(next) })).toEqual(keys)
  await expect(loadVapidKeys({ pool, sealer: createSealer(secretsKey) })).rejects.toThrow(/SECRETS_KEY/)
}, 60_000)
