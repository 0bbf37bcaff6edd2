import { z } from 'zod'
import { SessionId, UserId } from '../ids.ts'
import { PageQuery, pageOf } from '../page.ts'
import { defineRoute } from '../route.ts'
import { bodyText, lineText } from '../text.ts'
import { Timestamp } from '../time.ts'
import { DisplayName, Email, Me, Password, Preferences, PublicUser, Username } from '../user.ts'

export const SignedIn = z
  .object({
    user: Me,
    accessToken: z.string().describe('JWT (RFC 9068), good for `expiresIn` seconds'),
    refreshToken: z.string().describe('Opaque; each use answers with its successor'),
    expiresIn: z.int().describe('Seconds'),
  })
  .meta({ id: 'SignedIn' })
export type SignedIn = z.infer<typeof SignedIn>

const Device = z.object({ name: lineText(1, 100), platform: lineText(1, 32) })

export const register = defineRoute({
  method: 'POST',
  path: '/v1/auth/register',
  summary: 'Create an account and sign in',
  auth: 'none',
  body: z.object({
    username: Username,
    displayName: DisplayName,
    password: Password,
    email: Email.optional(),
    device: Device.optional(),
  }),
  reply: { 201: SignedIn },
  errors: ['username_taken', 'email_taken'],
})

/** An unknown person and a wrong password get the same answer in the same time. */
export const login = defineRoute({
  method: 'POST',
  path: '/v1/auth/login',
  summary: 'Sign in',
  auth: 'none',
  body: z.object({
    identifier: z.string().min(1).max(254).describe('Username or e-mail address'),
    password: z.string().min(1).max(256),
    device: Device.optional(),
  }),
  reply: { 200: SignedIn },
  errors: ['invalid_credentials'],
})

/** The token just replaced answers with the same successor for 20 s; an older one ends the session. */
export const refresh = defineRoute({
  method: 'POST',
  path: '/v1/auth/refresh',
  summary: 'Exchange a refresh token for new tokens',
  auth: 'none',
  body: z.object({ refreshToken: z.string().min(1).max(512) }),
  reply: { 200: SignedIn },
  errors: ['unauthenticated'],
})

export const logout = defineRoute({
  method: 'POST',
  path: '/v1/auth/logout',
  summary: 'End this session and close its sockets',
  reply: { 204: null },
})

export const Session = z
  .object({
    id: SessionId,
    device: z.object({ name: z.string(), platform: z.string() }).nullable(),
    createdAt: Timestamp,
    lastSeenAt: Timestamp,
    ip: z.string().nullable(),
    current: z.boolean(),
  })
  .meta({ id: 'Session' })

export const listSessions = defineRoute({
  method: 'GET',
  path: '/v1/auth/sessions',
  summary: 'Where I am signed in',
  reply: { 200: z.object({ items: z.array(Session) }) },
})

export const endSession = defineRoute({
  method: 'DELETE',
  path: '/v1/auth/sessions/:sessionId',
  summary: 'Sign one device out',
  params: z.object({ sessionId: SessionId }),
  reply: { 204: null },
  errors: ['not_found'],
})

export const endOtherSessions = defineRoute({
  method: 'DELETE',
  path: '/v1/auth/sessions',
  summary: 'Sign all other devices out',
  reply: { 204: null },
})

export const jwks = defineRoute({
  method: 'GET',
  path: '/.well-known/jwks.json',
  summary: 'Public keys that verify access tokens (RFC 7517)',
  auth: 'none',
  reply: { 200: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }) },
})

export const getMe = defineRoute({
  method: 'GET',
  path: '/v1/users/me',
  summary: 'My profile',
  reply: { 200: Me },
})

export const updateMe = defineRoute({
  method: 'PATCH',
  path: '/v1/users/me',
  summary: 'Change my profile',
  body: z.object({
    displayName: DisplayName.optional(),
    bio: z.union([z.literal(''), bodyText(300)]).optional(),
    username: Username.optional(),
    email: Email.nullable().optional(),
    preferences: Preferences.extend({ notifications: Preferences.shape.notifications.partial() })
      .partial()
      .optional(),
  }),
  reply: { 200: Me },
  errors: ['username_taken', 'email_taken'],
})

/** Messages stay, their author becomes "Deleted account"; nothing personal stays. */
export const deleteMe = defineRoute({
  method: 'DELETE',
  path: '/v1/users/me',
  summary: 'Delete my account',
  body: z.object({ password: z.string().min(1).max(256) }),
  reply: { 204: null },
  errors: ['invalid_credentials'],
})

export const searchUsers = defineRoute({
  method: 'GET',
  path: '/v1/users',
  summary: 'Find people by username and display name',
  query: PageQuery.extend({ query: z.string().trim().min(1).max(100) }),
  reply: { 200: pageOf(PublicUser) },
})

export const getUser = defineRoute({
  method: 'GET',
  path: '/v1/users/:userId',
  summary: 'A person',
  params: z.object({ userId: UserId }),
  reply: { 200: PublicUser },
  errors: ['not_found'],
})

/** Unknown ids are left out of the reply. */
export const lookupUsers = defineRoute({
  method: 'POST',
  path: '/v1/users/lookup',
  summary: 'People by id',
  body: z.object({ ids: z.array(UserId).max(100) }),
  reply: { 200: z.object({ items: z.array(PublicUser) }) },
})

export const VersionedUser = z.object({ user: PublicUser, version: z.int() })

/** All people in id order, for a replica that is built anew: take the stream's last id first, then this, then tail. */
export const snapshotUsers = defineRoute({
  method: 'GET',
  path: '/internal/users/snapshot',
  summary: 'Every person, by id',
  auth: 'internal',
  query: z.object({
    after: UserId.optional(),
    limit: z.coerce.number().int().min(1).max(1000).default(1000),
  }),
  reply: { 200: z.object({ items: z.array(VersionedUser), nextAfter: UserId.nullable() }) },
})
