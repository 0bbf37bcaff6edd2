import type { PublicUser } from '@finnigram/contracts'
import { expect, test } from 'vitest'
import { createRandom } from '../generator/random.ts'
import { createDisk } from './disk.ts'

const read = (key: string, seq: number) =>
  ({ op: 'put', table: 'reads', key, value: { conversationId: key, seq } }) as const
const nobody = () => undefined

test('what was said to be written is there in the next life', async () => {
  const disk = createDisk(createRandom(1, 'disk'))
  const first = disk.mount(nobody)
  const database = await first.store.open('me')
  await database.write([read('b', 2), read('a', 1)])
  await first.sessionStorage.set('key', 'value')
  first.die()

  const second = disk.mount(nobody)
  const again = await second.store.open('me')
  expect(await again.range('reads')).toEqual([
    { conversationId: 'a', seq: 1 },
    { conversationId: 'b', seq: 2 },
  ])
  expect(await second.sessionStorage.get('key')).toBe('value')
})

test('of what was being written at the death an earlier part is there, and nobody is told', async () => {
  const kept = new Set<number>()
  for (let seed = 0; seed < 20; seed += 1) {
    const disk = createDisk(createRandom(seed, 'disk'))
    const life = disk.mount(nobody)
    const database = await life.store.open('me')
    let told = 0
    for (const key of ['a', 'b', 'c'])
      void database.write([read(key, 1), read(`${key}2`, 1)]).then(() => told++)
    life.die()
    await new Promise((resolve) => setTimeout(resolve, 1))
    const keys = disk.read('reads').map(({ conversationId }) => conversationId)
    expect(told).toBe(0)
    expect(['a', 'a2', 'b', 'b2', 'c', 'c2'].slice(0, keys.length)).toEqual(keys)
    kept.add(keys.length)
  }
  expect([...kept].sort()).toEqual([0, 2, 4, 6])
})

test('a life that is over writes nothing any more', async () => {
  const disk = createDisk(createRandom(1, 'disk'))
  const life = disk.mount(nobody)
  const database = await life.store.open('me')
  life.die()
  void database.write([read('a', 1)])
  await new Promise((resolve) => setTimeout(resolve, 1))
  expect(disk.read('reads')).toEqual([])
})

test('rows are walked in the order of their keys, from either end, and a lower version replaces nothing', async () => {
  const disk = createDisk(createRandom(1, 'disk'))
  const database = await disk.mount(nobody).store.open('me')
  const user = (id: string, version?: number) =>
    ({
      op: 'put',
      table: 'users',
      key: id,
      value: { id, bio: `${version}` } as PublicUser,
      ...(version === undefined ? {} : { version }),
    }) as const
  await database.write([user('c', 2), user('a'), user('d'), user('b'), user('c', 1)])
  const ids = (users: { id: string }[]) => users.map(({ id }) => id).join('')
  expect(ids(await database.range('users', { from: 'b', to: 'c' }))).toBe('bc')
  expect(ids(await database.range('users', { to: 'c', reverse: true, limit: 2 }))).toBe('cb')
  expect((await database.get('users', 'c'))?.bio).toBe('2')
  await database.write([
    { op: 'deleteRange', table: 'users', from: 'b', to: 'c' },
    { op: 'delete', table: 'users', key: 'd' },
  ])
  expect(ids(await database.range('users'))).toBe('a')
})
