import type { Me, RouteBodyInput, RouteReply, usersApi } from '@finnigram/contracts'
import type { Subscribe } from '../subscriptions.ts'

export interface SessionState {
  status: 'loading' | 'signedOut' | 'signedIn'
  /** Set when signed in. */
  user?: Me
  /**
   * Set when the person signed out, here or in another tab; not when the server ended the session.
   */
  byPerson?: true
}

export type SessionAction =
  | { type: 'sessionRestored'; user: Me }
  | { type: 'signedIn'; user: Me }
  | { type: 'profileChanged'; user: Me }
  | { type: 'signedOut'; byPerson?: boolean }

export const sessionLoading: SessionState = { status: 'loading' }

/** Pure reducer: what an action makes of the session. */
export function reduceSession(state: SessionState, action: SessionAction): SessionState {
  if (action.type === 'signedOut') {
    if (state.status === 'signedOut') return state
    return { status: 'signedOut', ...(action.byPerson ? { byPerson: true } : {}) }
  }
  if (action.type === 'profileChanged' && state.user?.id !== action.user.id) return state
  return { status: 'signedIn', user: action.user }
}

/** What the person typed into the sign-up form. */
export type RegisterInput = Omit<RouteBodyInput<typeof usersApi.register>, 'device'>
export type LoginInput = Omit<RouteBodyInput<typeof usersApi.login>, 'device'>
export type ProfileChanges = RouteBodyInput<typeof usersApi.updateMe>
/**
 * My password and, where the second factor is on, a code of the authenticator app or a recovery
 * code.
 */
export type StepUpProof = RouteBodyInput<typeof usersApi.deleteMe>
/** For the authenticator app: the secret to type in, and a URI to open it with. */
export type TotpSecret = RouteReply<typeof usersApi.startTotp>

export interface SessionApi {
  readonly state: SessionState
  subscribe: Subscribe
  /**
   * Throws `ApiProblem` (`username_taken`, `email_taken`, `validation_failed` with `errors`) or
   * `NetworkProblem`.
   */
  register(input: RegisterInput): Promise<Me>
  /**
   * Throws `ApiProblem` (`invalid_credentials`, `totp_required`: ask for a code and give it as
   * `totp`, `rate_limited`) or `NetworkProblem`.
   */
  login(input: LoginInput): Promise<Me>
  /**
   * Wipes what this device stores, and ends the session. Works offline, too: the request is queued.
   * Resolves when the server was asked for the first time, after 5 s at most.
   */
  logout(): Promise<void>
  /**
   * Another `email` needs `password`, and `totp` where the second factor is on; it waits as
   * `pendingEmail` where a proven one is to be replaced. Throws `ApiProblem`
   * (`reauthentication_required`, `totp_required`, `invalid_credentials` with the wrong field in
   * `errors`, `email_taken`).
   */
  updateMe(patch: ProfileChanges): Promise<Me>
  /**
   * Begins a second factor; it has no effect until `confirmTotp`. Throws `ApiProblem`
   * (`invalid_credentials`, `conflict`).
   */
  startTotp(password: string): Promise<TotpSecret>
  /**
   * Turns the second factor on; returns the recovery codes, which are never shown again. Throws
   * `ApiProblem` (`invalid_credentials`).
   */
  confirmTotp(code: string): Promise<string[]>
  /** Turns the second factor off. Throws `ApiProblem` (`invalid_credentials`, `totp_required`). */
  endTotp(proof: StepUpProof): Promise<void>
  /**
   * Deletes my account, and what this device stores of it. Throws `ApiProblem`
   * (`invalid_credentials`, `totp_required`).
   */
  deleteAccount(proof: StepUpProof): Promise<void>
  /** Sends a mail with a link to set a new password, if the address belongs to an account. */
  forgotPassword(email: string): Promise<void>
  /** Sets a new password with a mailed token. Throws `ApiProblem` (`gone`, `validation_failed`). */
  resetPassword(input: { token: string; newPassword: string }): Promise<void>
  /** Proves an e-mail address with a mailed token. Throws `ApiProblem` (`gone`). */
  verifyEmail(token: string): Promise<void>
  /** Sends the mail with the token for my address again. */
  resendVerification(): Promise<void>
}
