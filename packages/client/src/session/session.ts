import { type Me, type SignedIn, usersApi } from '@finnigram/contracts'
import type { Api } from '../api/create-api.ts'
import { createTopic } from '../subscriptions.ts'
import type { LogoutQueue } from './logout-queue.ts'
import {
  type LoginInput,
  type ProfileChanges,
  type RegisterInput,
  reduceSession,
  type SessionAction,
  type SessionApi,
  type SessionState,
  type StepUpProof,
  sessionLoading,
  type TotpSecret,
} from './session-state.ts'
import { type SessionStore, toStoredSession } from './session-store.ts'
import type { Tokens } from './tokens.ts'

export interface SessionOptions {
  api: Api
  tokens: Tokens
  sessionStore: SessionStore
  logouts: LogoutQueue
  device: { name: string; platform: string } | undefined
  /** Opens the person's data on this device, before the session shows as signed in. */
  onSignedIn: (user: Me) => Promise<void>
  /** `wipe`: the person wants nothing left behind. */
  onSignedOut: (how: { wipe: boolean }) => Promise<void>
  /** The own profile changed and is to be kept. */
  onProfile: (user: Me) => void
}

/**
 * Who is signed in on this device: register, login, logout, and changes of the account.
 *
 * Promise: `state` follows the pure reducer in `session-state.ts`. A session shows as signed in
 * once its data is open, and as signed out once its data is closed. A logout works offline and
 * leaves nothing of the person on the device.
 *
 * Procedure: the session is stored, then its tokens are used, then its data is opened. A logout
 * goes the other way, and leaves ending the session at the server to `LogoutQueue`. Tokens that
 * end, here or in another tab, come in by `ended`.
 *
 * It never holds a token itself (`tokens.ts` does), and never retries what a person asked for.
 */
export class Session implements SessionApi {
  readonly #options: SessionOptions
  readonly #topic = createTopic()
  readonly subscribe = this.#topic.subscribe
  #state: SessionState = sessionLoading

  constructor(options: SessionOptions) {
    this.#options = options
  }

  get state(): SessionState {
    return this.#state
  }

  async register(input: RegisterInput): Promise<Me> {
    const { api } = this.#options
    return this.#enter(await api.call(usersApi.register, { body: { ...input, ...this.#onThisDevice() } }))
  }

  async login(input: LoginInput): Promise<Me> {
    const { api } = this.#options
    return this.#enter(await api.call(usersApi.login, { body: { ...input, ...this.#onThisDevice() } }))
  }

  async logout(): Promise<void> {
    const { tokens, logouts } = this.#options
    const session = await tokens.latest()
    const { asked } = session ? await logouts.add(session) : { asked: Promise.resolve() }
    await this.#leave()
    await asked
  }

  async updateMe(patch: ProfileChanges): Promise<Me> {
    const user = await this.#options.api.call(usersApi.updateMe, { body: patch })
    this.profileChanged(user)
    return user
  }

  async forgotPassword(email: string): Promise<void> {
    await this.#options.api.call(usersApi.forgotPassword, { body: { email } })
  }

  async resetPassword(body: { token: string; newPassword: string }): Promise<void> {
    await this.#options.api.call(usersApi.resetPassword, { body })
  }

  async verifyEmail(token: string): Promise<void> {
    await this.#options.api.call(usersApi.verifyEmail, { body: { token } })
  }

  async resendVerification(): Promise<void> {
    await this.#options.api.call(usersApi.resendVerification, {})
  }

  async startTotp(password: string): Promise<TotpSecret> {
    return this.#options.api.call(usersApi.startTotp, { body: { password } })
  }

  async confirmTotp(code: string): Promise<string[]> {
    const { api } = this.#options
    const { recoveryCodes } = await api.call(usersApi.confirmTotp, { body: { code } })
    this.#factorIs(true)
    return recoveryCodes
  }

  async endTotp(proof: StepUpProof): Promise<void> {
    await this.#options.api.call(usersApi.endTotp, { body: proof })
    this.#factorIs(false)
  }

  async deleteAccount(proof: StepUpProof): Promise<void> {
    await this.#options.api.call(usersApi.deleteMe, { body: proof })
    await this.#leave()
  }

  /** Forgets the session and wipes the person's data. */
  async #leave(): Promise<void> {
    const { tokens, sessionStore } = this.#options
    // First, so that this tab does not take its own change for one of another tab.
    tokens.forget()
    await sessionStore.clear()
    await this.ended({ signedOut: true })
  }

  #factorIs(totpEnabled: boolean): void {
    const { user } = this.#state
    if (user) this.profileChanged({ ...user, totpEnabled })
  }

  restored(user: Me): void {
    this.#dispatch({ type: 'sessionRestored', user })
  }

  /** An answer with an older version changes nothing. */
  profileChanged(user: Me): void {
    const known = this.#state.user?.version
    if (user.version !== undefined && known !== undefined && user.version < known) return
    this.#options.onProfile(user)
    this.#dispatch({ type: 'profileChanged', user })
  }

  /** The session is over. `signedOut`: by the person. */
  async ended({ signedOut }: { signedOut: boolean }): Promise<void> {
    const { tokens, onSignedOut } = this.#options
    tokens.forget()
    await onSignedOut({ wipe: signedOut })
    this.#dispatch({ type: 'signedOut', byPerson: signedOut })
  }

  async #enter(signedIn: SignedIn): Promise<Me> {
    const { sessionStore, tokens, onSignedIn } = this.#options
    const session = toStoredSession(signedIn)
    await sessionStore.write(session)
    tokens.adopt(session)
    await onSignedIn(signedIn.user)
    this.#dispatch({ type: 'signedIn', user: signedIn.user })
    return signedIn.user
  }

  #onThisDevice() {
    const { device } = this.#options
    return device ? { device } : {}
  }

  #dispatch(action: SessionAction): void {
    const next = reduceSession(this.#state, action)
    if (next === this.#state) return
    this.#state = next
    this.#topic.publish()
  }
}
