import { defaultPreferences, type SignedIn } from '@finnigram/contracts'
import { expect, test } from 'vitest'
import { localProblem, NetworkProblem } from '../api/problems.ts'
import { createCrossTabLock } from '../cross-tab-lock.ts'
import { createMemorySessionStorage, createSessionStore, toStoredSession } from './session-store.ts'
import { Tokens } from './tokens.ts'

let count = 0
function signedIn(expiresIn = 900): SignedIn {
  count += 1
  const user = {
    id: 'ada',
    username: 'ada',
    displayName: 'Ada',
    bio: '',
    avatarUrl: null,
    createdAt: '',
    lastSeenAt: null,
    email: null,
    emailVerified: false,
    totpEnabled: false,
    preferences: defaultPreferences,
  }
  return { user, accessToken: `a${count}`, refreshToken: `r${count}`, expiresIn }
}

/** A device with a session; `refresh` stands for the server. */
async function aSession(refresh: (token: string) => Promise<SignedIn>, expiresIn?: number) {
  const sessionStore = createSessionStore(createMemorySessionStorage())
  const ends: { signedOut: boolean }[] = []
  const asked: string[] = []
  const options = {
    sessionStore,
    crossTabLock: createCrossTabLock(null),
    refresh: (token: string) => {
      asked.push(token)
      return refresh(token)
    },
    onEnded: (how: { signedOut: boolean }) => void ends.push(how),
  }
  const session = toStoredSession(signedIn(expiresIn))
  await sessionStore.write(session)
  const tokens = new Tokens(options)
  tokens.adopt(session)
  return { sessionStore, ends, asked, session, tokens, options }
}

test('without a session there is no token, and nothing to renew', async () => {
  const { tokens, asked } = await aSession(async () => signedIn())
  tokens.forget()
  expect([await tokens.current(), await tokens.renew('any')]).toEqual([null, null])
  expect(asked).toEqual([])
})

test('a valid token is used; a refused one is renewed once for all calls that wait', async () => {
  const { tokens, session, asked, sessionStore } = await aSession(async () => signedIn())
  expect(await tokens.current()).toBe(session.accessToken)
  const renewed = await Promise.all([1, 2, 3].map(() => tokens.renew(session.accessToken)))
  expect(new Set(renewed).size).toBe(1)
  expect(asked).toEqual([session.refreshToken])
  expect(await sessionStore.read()).toMatchObject({ accessToken: renewed[0] })
  expect(await tokens.renew(session.accessToken)).toBe(renewed[0])
  expect(asked).toHaveLength(1)
})

test('a session that another tab refreshed is used, not refreshed again', async () => {
  const { tokens, session, asked, sessionStore } = await aSession(async () => signedIn())
  const theirs = toStoredSession(signedIn())
  await sessionStore.write(theirs)
  expect(await tokens.renew(session.accessToken)).toBe(theirs.accessToken)
  expect(asked).toEqual([])
})

test('a refresh whose answer was lost is repeated at once, with the same token', async () => {
  let lost = 2
  const { tokens, session, asked } = await aSession(async () => {
    lost -= 1
    if (lost >= 0) throw new NetworkProblem('timeout')
    return signedIn()
  })
  await tokens.renew(session.accessToken)
  expect(asked).toEqual([session.refreshToken, session.refreshToken, session.refreshToken])
})

test('a token near its expiry is still used while the server cannot be reached', async () => {
  const { tokens, session, ends } = await aSession(async () => {
    throw new NetworkProblem('unreachable')
  }, 30)
  expect(await tokens.current()).toBe(session.accessToken)
  await expect(tokens.renew(session.accessToken)).rejects.toBeInstanceOf(NetworkProblem)
  expect(ends).toEqual([])
})

test('a refused refresh ends the session, in other tabs too', async () => {
  const { tokens, session, ends, sessionStore, options } = await aSession(async () => {
    throw localProblem('unauthenticated')
  })
  const otherTab = new Tokens(options)
  otherTab.adopt(session)
  expect(await tokens.renew(session.accessToken)).toBeNull()
  expect(await sessionStore.read()).toBe('ended')
  expect(await otherTab.renew(session.accessToken)).toBeNull()
  expect(ends).toEqual([{ signedOut: false }, { signedOut: false }])
  expect(await tokens.current()).toBeNull()
})

test('a logout in another tab is told apart from a session that the server ended', async () => {
  const { tokens, session, ends, sessionStore } = await aSession(async () => signedIn())
  await sessionStore.clear()
  expect(await tokens.renew(session.accessToken)).toBeNull()
  expect(ends).toEqual([{ signedOut: true }])
})

test('another person who signed in meanwhile keeps their session', async () => {
  const { tokens, session, ends, sessionStore } = await aSession(async () => signedIn())
  const theirs = { ...toStoredSession(signedIn()), userId: 'grace' }
  await sessionStore.write(theirs)
  expect(await tokens.renew(session.accessToken)).toBeNull()
  expect(ends).toEqual([{ signedOut: false }])
  expect(await sessionStore.read()).toEqual(theirs)
})

test('an answer that comes after signing out changes nothing', async () => {
  let answer: (value: SignedIn) => void = () => undefined
  const { tokens, session, sessionStore } = await aSession(
    () =>
      new Promise((resolve) => {
        answer = resolve
      }),
  )
  const renewing = tokens.renew(session.accessToken)
  await new Promise((resolve) => setTimeout(resolve, 1))
  tokens.forget()
  await sessionStore.clear()
  answer(signedIn())
  expect(await renewing).toBeNull()
  expect(await sessionStore.read()).toBeNull()
})
