import type { usersApi } from '@finnigram/contracts'
import type { RouteLimit } from '@finnigram/service-kit'
import { identifierOf } from './auth/identifier-of.ts'

/** A household or an office behind one address signs up and in without noticing; a machine that guesses does. */
export const registerLimit: RouteLimit = { name: 'register', points: 100, perSeconds: 600, by: 'ip' }

export const loginLimits: RouteLimit<typeof usersApi.login>[] = [
  { name: 'login', points: 300, perSeconds: 300, by: 'ip' },
  // By account and address first: nobody can lock another person out from elsewhere without many addresses.
  {
    name: 'login-here',
    points: 20,
    perSeconds: 120,
    by: ({ body, ip }) => `${ip} ${identifierOf(body.identifier).key}`,
  },
  { name: 'login-account', points: 100, perSeconds: 60, by: ({ body }) => identifierOf(body.identifier).key },
]

export const refreshLimits: RouteLimit<typeof usersApi.refresh>[] = [
  { name: 'refresh', points: 300, perSeconds: 60, by: 'ip' },
  // The first characters of a token name its session and stay the same.
  { name: 'refresh-session', points: 30, perSeconds: 60, by: ({ body }) => body.refreshToken.slice(0, 21) },
]

/** A stolen access token must not become a way to guess the password. */
export const deletionLimit: RouteLimit = { name: 'deletion', points: 5, perSeconds: 300, by: 'actor' }
export const profileLimit: RouteLimit = { name: 'profile', points: 60, perSeconds: 60, by: 'actor' }
export const searchLimit: RouteLimit = { name: 'people', points: 300, perSeconds: 60, by: 'actor' }
