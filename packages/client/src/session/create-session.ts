import { type Me, type SignedIn, usersApi } from '@finnigram/contracts'
import type { Api } from '../api/create-api.ts'
import type { SessionPart } from '../client.ts'
import { createTopic } from '../topic.ts'
import type { Tokens } from './create-tokens.ts'
import { reduceSession, type SessionAction, type SessionState, sessionLoading } from './session-state.ts'
import { type SessionShelf, toStoredSession } from './stored-session.ts'

export interface SessionOptions {
  api: Api
  tokens: Tokens
  shelf: SessionShelf
  device: { name: string; platform: string } | undefined
  /** Opens what this device keeps for a person; called before the session shows as signed in. */
  onSignedIn: (user: Me) => Promise<void>
  /** `wipe`: the person asked to leave nothing behind. */
  onSignedOut: (how: { wipe: boolean }) => Promise<void>
  /** The own profile changed and is kept. */
  onProfile: (user: Me) => void
}

export interface Session extends SessionPart {
  restored(user: Me): void
  profileChanged(user: Me): void
  /** There is no session any more: the server, or another tab, ended it. */
  ended(how: { signedOut: boolean }): Promise<void>
}

const logoutTimeoutMs = 5_000

export function createSession(options: SessionOptions): Session {
  const { api, tokens, shelf, device } = options
  const topic = createTopic()
  let state: SessionState = sessionLoading

  const dispatch = (action: SessionAction) => {
    const next = reduceSession(state, action)
    if (next === state) return
    state = next
    topic.publish()
  }
  const enter = async (signedIn: SignedIn) => {
    const session = toStoredSession(signedIn)
    await shelf.write(session)
    tokens.adopt(session)
    await options.onSignedIn(signedIn.user)
    dispatch({ type: 'signedIn', user: signedIn.user })
    return signedIn.user
  }
  const leave = async ({ wipe }: { wipe: boolean }) => {
    tokens.forget()
    await options.onSignedOut({ wipe })
    dispatch({ type: 'signedOut' })
  }
  const profileChanged = (user: Me) => {
    options.onProfile(user)
    dispatch({ type: 'profileChanged', user })
  }
  const onThisDevice = device ? { device } : {}
  return {
    get state() {
      return state
    },
    subscribe: topic.subscribe,
    register: async (input) =>
      enter(await api.call(usersApi.register, { body: { ...input, ...onThisDevice } })),
    login: async (input) => enter(await api.call(usersApi.login, { body: { ...input, ...onThisDevice } })),
    async logout() {
      await api.call(usersApi.logout, { timeoutMs: logoutTimeoutMs }).catch(() => undefined)
      await shelf.clear()
      await leave({ wipe: true })
    },
    async updateMe(patch) {
      const user = await api.call(usersApi.updateMe, { body: patch })
      profileChanged(user)
      return user
    },
    restored: (user) => dispatch({ type: 'sessionRestored', user }),
    profileChanged,
    ended: ({ signedOut }) => leave({ wipe: signedOut }),
  }
}
