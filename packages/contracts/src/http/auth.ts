import { z } from 'zod'
import { SessionId } from '../ids.ts'
import { defineRoute, PageQuery, pageOf } from '../route.ts'
import { Email, lineText } from '../text.ts'
import { Timestamp } from '../time.ts'
import { DisplayName, Me, Password, Username } from '../user.ts'

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

const Totp = z.string().trim().min(6).max(32)

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
    totp: Totp.optional().describe(
      'A code of the authenticator app, or a recovery code, where the second factor is on',
    ),
  }),
  reply: { 200: SignedIn },
  errors: ['invalid_credentials', 'totp_required'],
})

/** For 20 s the replaced token gets the same successor; an older one ends the session. */
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

/** Which of my sessions calls stays; all others end. */
export const changePassword = defineRoute({
  method: 'POST',
  path: '/v1/auth/password',
  summary: 'Change my password and sign all other devices out',
  body: z.object({ currentPassword: z.string().min(1).max(256), newPassword: Password }),
  reply: { 204: null },
  errors: ['invalid_credentials'],
})

/** The same answer in the same time, whether the address is known or not. */
export const forgotPassword = defineRoute({
  method: 'POST',
  path: '/v1/auth/password/forgot',
  summary: 'Mail me a link that sets a new password',
  auth: 'none',
  body: z.object({ email: Email }),
  reply: { 202: null },
})

const MailedToken = z.string().min(1).max(256).describe('From the mail; good once')

/** Ends all sessions. A second factor stays, unless no address was ever proven. Good for 30 min. */
export const resetPassword = defineRoute({
  method: 'POST',
  path: '/v1/auth/password/reset',
  summary: 'Set a new password with a mailed token',
  auth: 'none',
  body: z.object({ token: MailedToken, newPassword: Password }),
  reply: { 204: null },
  errors: ['gone'],
})

export const verifyEmail = defineRoute({
  method: 'POST',
  path: '/v1/auth/email/verify',
  summary: 'Prove an e-mail address with a mailed token',
  auth: 'none',
  body: z.object({ token: MailedToken }),
  reply: { 204: null },
  errors: ['gone'],
})

export const resendVerification = defineRoute({
  method: 'POST',
  path: '/v1/auth/email/resend',
  summary: 'Mail me the token that proves my address again',
  reply: { 202: null },
  errors: ['conflict'],
})

/**
 * Step-up authentication: what changes how an account is entered needs the password, and a code
 * where the second factor is on. Without them: `reauthentication_required`, `totp_required`. Of a
 * wrong one, `errors` names the field.
 */
export const stepUp = {
  password: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .describe('The present password; without it: `reauthentication_required`'),
  totp: Totp.optional().describe(
    'A code of the authenticator app, or a recovery code; where the second factor is on and it is missing: `totp_required`',
  ),
}
export const stepUpErrors = ['reauthentication_required', 'invalid_credentials', 'totp_required'] as const

/** For what needs a sign-in of the last 15 minutes and carries no password, such as the export. */
export const reauthenticate = defineRoute({
  method: 'POST',
  path: '/v1/auth/reauthenticate',
  summary: 'Give my password again: this session counts as signed in just now',
  body: z.object(stepUp),
  reply: { 204: null },
  errors: stepUpErrors,
})

/** Nothing changes until it is confirmed with a code. */
export const startTotp = defineRoute({
  method: 'POST',
  path: '/v1/auth/totp',
  summary: 'Begin a second factor (RFC 6238)',
  body: z.object({ password: stepUp.password }).optional(),
  reply: {
    200: z.object({
      secret: z.string().describe('Base32'),
      uri: z.string().describe('otpauth: for a QR code'),
    }),
  },
  errors: ['conflict', 'reauthentication_required', 'invalid_credentials'],
})

export const confirmTotp = defineRoute({
  method: 'POST',
  path: '/v1/auth/totp/confirm',
  summary: 'Turn the second factor on',
  body: z.object({ code: z.string().trim().min(6).max(16) }),
  reply: {
    200: z.object({ recoveryCodes: z.array(z.string()).describe('10, shown once; each signs in once') }),
  },
  errors: ['conflict', 'invalid_credentials'],
})

export const endTotp = defineRoute({
  method: 'DELETE',
  path: '/v1/auth/totp',
  summary: 'Turn the second factor off',
  body: z.object(stepUp).optional(),
  reply: { 204: null },
  errors: stepUpErrors,
})

export const SecurityEvent = z
  .object({
    id: z.string(),
    type: z.string().describe('signed_in, sign_in_failed, password_changed, totp_enabled, …'),
    at: Timestamp,
    ip: z.string().nullable(),
    device: z.object({ name: z.string(), platform: z.string() }).nullable(),
    sessionId: SessionId.nullable(),
  })
  .meta({ id: 'SecurityEvent' })
export type SecurityEvent = z.infer<typeof SecurityEvent>

export const listActivity = defineRoute({
  method: 'GET',
  path: '/v1/auth/activity',
  summary: 'What happened to my account: sign-ins, changed passwords, factors, devices; newest first',
  query: PageQuery,
  reply: { 200: pageOf(SecurityEvent) },
})
