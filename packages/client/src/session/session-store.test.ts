import { expect, test } from 'vitest'
import { createMemorySessionStorage, createSessionStore } from './session-store.ts'

const session = { userId: 'ada', refreshToken: 'r', accessToken: 'a', expiresAt: 1 }

test('a session is kept, ended and cleared', async () => {
  const sessionStore = createSessionStore(createMemorySessionStorage())
  expect(await sessionStore.read()).toBeNull()
  await sessionStore.write(session)
  expect(await sessionStore.read()).toEqual(session)
  await sessionStore.writeEnded()
  expect(await sessionStore.read()).toBe('ended')
  await sessionStore.clear()
  expect(await sessionStore.read()).toBeNull()
})

test.each(['{', '7', 'null', '{"userId":"ada"}', JSON.stringify({ ...session, expiresAt: 'soon' })])(
  'what cannot be a session counts as none: %s',
  async (text) => {
    const storage = createMemorySessionStorage()
    await storage.set('finnigram.session', text)
    expect(await createSessionStore(storage).read()).toBeNull()
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
  await createSessionStore(storage).write(longest)
  expect((await storage.get('finnigram.session'))?.length).toBeLessThan(2000)
})
