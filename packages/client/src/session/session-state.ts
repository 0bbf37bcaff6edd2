import type { Me } from '@finnigram/contracts'

export interface SessionState {
  status: 'loading' | 'signedOut' | 'signedIn'
  /** Set when signed in. */
  user?: Me
}

export type SessionAction =
  | { type: 'sessionRestored'; user: Me }
  | { type: 'signedIn'; user: Me }
  | { type: 'profileChanged'; user: Me }
  | { type: 'signedOut' }

export const sessionLoading: SessionState = { status: 'loading' }

/** What each thing that happened makes of the session. */
export function reduceSession(state: SessionState, action: SessionAction): SessionState {
  if (action.type === 'signedOut') return state.status === 'signedOut' ? state : { status: 'signedOut' }
  if (action.type === 'profileChanged' && state.user?.id !== action.user.id) return state
  return { status: 'signedIn', user: action.user }
}
