import { hash, parseOptions } from '@node-rs/argon2'
import { expect, test } from 'vitest'
import { createPasswordHasher } from './password-hasher.ts'

test('a password matches its hash however its accents were typed, and no other does', async () => {
  const hasher = await createPasswordHasher()
  const stored = await hasher.hash('crème brûlée'.normalize('NFD'))

  expect(await hasher.verify('crème brûlée'.normalize('NFC'), stored)).toEqual({
    matches: true,
    outdated: false,
  })
  expect(await hasher.verify('creme brulee', stored)).toEqual({ matches: false, outdated: false })
  expect(parseOptions(stored)).toMatchObject({ memoryCost: 19_456, timeCost: 2, parallelism: 1 })
})

test('a user who does not exist has no matching password', async () => {
  const hasher = await createPasswordHasher()
  expect(await hasher.verify('anything', undefined)).toEqual({ matches: false, outdated: false })
})

test('a hash made more cheaply is outdated', async () => {
  const hasher = await createPasswordHasher()
  const stored = await hash('correct horse', { memoryCost: 8192, timeCost: 1, parallelism: 1 })
  expect(await hasher.verify('correct horse', stored)).toEqual({ matches: true, outdated: true })
})

test('calls beyond the queue are refused, and those in the queue are served', async () => {
  const hasher = await createPasswordHasher({ cores: 1, waiting: 10, perKey: 10 })
  const results = await Promise.allSettled(Array.from({ length: 16 }, () => hasher.hash('correct horse')))
  const refused = results.filter(({ status }) => status === 'rejected')
  expect(refused).toHaveLength(5)
  expect(refused[0]).toMatchObject({ reason: { code: 'unavailable' } })
})

test('keys are served round-robin, and one key has only its share of the queue', async () => {
  const hasher = await createPasswordHasher({ cores: 1, waiting: 40 })
  const served: string[] = []
  const ask = (by: string) => hasher.hash('correct horse', by).then(() => served.push(by))
  const floods = Promise.allSettled(Array.from({ length: 100 }, () => ask('a')))
  await Promise.all([ask('b'), ask('c'), ask('b')])
  expect(served.filter((by) => by === 'a').length).toBeLessThanOrEqual(5)
  const refused = (await floods).filter(({ status }) => status === 'rejected')
  expect(refused).toHaveLength(89)
  expect(hasher.waiting).toBe(0)
})
