import { expect, test } from 'vitest'
import { createMemorySessionStorage, sessionShelf } from './session-store.ts'

const session = { userId: 'ada', refreshToken: 'r', accessToken: 'a', expiresAt: 1 }

test('a session is kept, ended and cleared', async () => {
  const shelf = sessionShelf(createMemorySessionStorage())
  expect(await shelf.read()).toBeNull()
  await shelf.write(session)
  expect(await shelf.read()).toEqual(session)
  await shelf.writeEnded()
  expect(await shelf.read()).toBe('ended')
  await shelf.clear()
  expect(await shelf.read()).toBeNull()
})

test.each(['{', '7', 'null', '{"userId":"ada"}', JSON.stringify({ ...session, expiresAt: 'soon' })])(
  'what cannot be a session counts as none: %s',
  async (text) => {
    const storage = createMemorySessionStorage()
    await storage.set('finnigram.session', text)
    expect(await sessionShelf(storage).read()).toBeNull()
  },
)

test('it fits into the secure storage of a phone', async () => {
  const storage = createMemorySessionStorage()
  const longest = {
    userId: crypto.randomUUID(),
    refreshToken: 'r'.repeat(64),
    accessToken: 'a'.repeat(1200),
    expiresAt: Date.now(),
  }
  await sessionShelf(storage).write(longest)
  expect((await storage.get('finnigram.session'))?.length).toBeLessThan(2000)
})
