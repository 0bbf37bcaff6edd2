import type { RouteBody, usersApi } from '@finnigram/contracts'
import { addressKey, type RateLimit, type RouteLimit } from '@finnigram/service-kit'
import { emailKey } from './auth/email-key.ts'
import { parseIdentifier } from './auth/login.ts'

const minute = 60
const hour = 60 * minute

/** A household or an office behind one address stays below it; a guessing machine does not. */
export const registerLimit: RouteLimit = { name: 'register', points: 100, perSeconds: 10 * minute, by: 'ip' }

/**
 * New accounts of one address that get a verification mail. Others ask for theirs
 * (`resendLimits`).
 */
export const firstMailLimits: RateLimit[] = [
  { name: 'register-mails', points: 60, perSeconds: hour },
  { name: 'register-mails-day', points: 300, perSeconds: 24 * hour },
]

type LoginAttempt = { body: RouteBody<typeof usersApi.login>; ip: string }
const accountAtAddress = ({ body, ip }: LoginAttempt) =>
  `${addressKey(ip)} ${parseIdentifier(body.identifier).key}`

/** Per account and address: attempts elsewhere do not affect this user here. */
export const loginLimits: RouteLimit<typeof usersApi.login>[] = [
  { name: 'login', points: 300, perSeconds: 5 * minute, by: 'ip' },
  { name: 'login-here', points: 20, perSeconds: 2 * minute, by: accountAtAddress },
  { name: 'login-here-hour', points: 60, perSeconds: hour, by: accountAtAddress },
]

export const refreshLimits: RouteLimit<typeof usersApi.refresh>[] = [
  { name: 'refresh', points: 300, perSeconds: minute, by: 'ip' },
  // The first characters of a token name its session and stay the same.
  {
    name: 'refresh-session',
    points: 30,
    perSeconds: minute,
    by: ({ body }) => body.refreshToken.slice(0, 21),
  },
]

export const forgotLimits: RouteLimit<typeof usersApi.forgotPassword>[] = [
  { name: 'forgot', points: 30, perSeconds: 15 * minute, by: 'ip' },
  {
    name: 'forgot-here',
    points: 5,
    perSeconds: 15 * minute,
    by: ({ body, ip }) => `${addressKey(ip)} ${emailKey(body.email)}`,
  },
  { name: 'forgot-day', points: 200, perSeconds: 24 * hour, by: 'ip' },
]

/** Mailed tokens have 256 bits, so this only saves work. */
export const mailedTokenLimit: RouteLimit = {
  name: 'mailed-token',
  points: 60,
  perSeconds: 10 * minute,
  by: 'ip',
}
export const resendLimits: RouteLimit[] = [
  { name: 'resend', points: 5, perSeconds: hour, by: 'actor' },
  { name: 'resend-day', points: 20, perSeconds: 24 * hour, by: 'actor' },
]
/** The mailed addresses may belong to strangers. */
export const newAddressLimits: RateLimit[] = [
  { name: 'new-address', points: 30, perSeconds: hour },
  { name: 'new-address-day', points: 60, perSeconds: 24 * hour },
]
/** In addition to ten wrong passwords per session in a quarter of an hour (`step-up.ts`). */
export const passwordLimit: RouteLimit = {
  name: 'password',
  points: 30,
  perSeconds: 10 * minute,
  by: 'actor',
}
export const totpLimit: RouteLimit = { name: 'totp', points: 30, perSeconds: 10 * minute, by: 'actor' }

/** A stolen access token must not help to guess the password. */
export const deletionLimit: RouteLimit = { name: 'deletion', points: 5, perSeconds: 5 * minute, by: 'actor' }
export const profileLimit: RouteLimit = { name: 'profile', points: 60, perSeconds: minute, by: 'actor' }
export const searchLimit: RouteLimit = { name: 'people', points: 300, perSeconds: minute, by: 'actor' }
/** Each takes about half a second of a core. */
export const avatarLimit: RouteLimit = { name: 'avatar', points: 20, perSeconds: 10 * minute, by: 'actor' }
/**
 * Lists of people are full of pictures. Counted in the process: Redis would cost as much as the
 * picture.
 */
export const pictureLimit: RouteLimit = {
  name: 'pictures',
  points: 3000,
  perSeconds: minute,
  by: 'actor',
  inProcess: true,
}
/**
 * Reads everything a user ever wrote. Counted after its first pages, so a failed export does not
 * count.
 */
export const exportLimit: RateLimit = { name: 'export', points: 10, perSeconds: 24 * hour }
export const exportTryLimit: RouteLimit = {
  name: 'export-try',
  points: 30,
  perSeconds: 10 * minute,
  by: 'actor',
}
