import { defaultPreferences, type Me } from '@finnigram/contracts'
import { expect, test } from 'vitest'
import { reduceSession, sessionLoading } from './session-state.ts'

const someone = (id: string, displayName = id): Me => ({
  id,
  username: id,
  displayName,
  bio: '',
  avatarUrl: null,
  createdAt: '',
  lastSeenAt: null,
  email: null,
  emailVerified: false,
  totpEnabled: false,
  preferences: defaultPreferences,
})

test('a session begins, changes and ends', () => {
  const restored = reduceSession(sessionLoading, { type: 'sessionRestored', user: someone('ada') })
  expect(restored).toEqual({ status: 'signedIn', user: someone('ada') })
  const changed = reduceSession(restored, { type: 'profileChanged', user: someone('ada', 'Ada L.') })
  expect(changed.user?.displayName).toBe('Ada L.')
  expect(reduceSession(changed, { type: 'signedOut' })).toEqual({ status: 'signedOut' })
  expect(reduceSession({ status: 'signedOut' }, { type: 'signedIn', user: someone('grace') }).user?.id).toBe(
    'grace',
  )
})

test('what changes nothing is the same state', () => {
  const out = { status: 'signedOut' } as const
  expect(reduceSession(out, { type: 'signedOut' })).toBe(out)
  expect(reduceSession(out, { type: 'profileChanged', user: someone('ada') })).toBe(out)
})
