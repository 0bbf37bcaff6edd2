import type { Me } from '@finnigram/contracts'

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

/** What each thing that happened makes of the session. */
export function reduceSession(state: SessionState, action: SessionAction): SessionState {
  if (action.type === 'signedOut') {
    if (state.status === 'signedOut') return state
    return { status: 'signedOut', ...(action.byPerson ? { byPerson: true } : {}) }
  }
  if (action.type === 'profileChanged' && state.user?.id !== action.user.id) return state
  return { status: 'signedIn', user: action.user }
}
