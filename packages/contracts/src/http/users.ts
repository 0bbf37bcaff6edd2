import { z } from 'zod'
import { UserId } from '../ids.ts'
import { aFile, defineRoute, PageQuery, pageOf } from '../route.ts'
import { bodyText, Email, lineText } from '../text.ts'
import { DisplayName, Me, Preferences, PublicUser, Username } from '../user.ts'
import { stepUp, stepUpErrors } from './auth.ts'

export const getMe = defineRoute({
  method: 'GET',
  path: '/v1/users/me',
  summary: 'My profile',
  reply: { 200: Me },
})

/**
 * Another `email`, or none, needs `password`, and `totp` where the second factor is on. A proven
 * address stays in use until the new one (`pendingEmail`) is proven. Another `username` is told to
 * the proven address; the former one is kept from others for 14 days, and 5 changes in that time
 * are the most (`rate_limited`).
 */
export const updateMe = defineRoute({
  method: 'PATCH',
  path: '/v1/users/me',
  summary: 'Change my profile',
  body: z.object({
    displayName: DisplayName.optional(),
    bio: z.union([z.literal(''), bodyText(300)]).optional(),
    username: Username.optional(),
    email: Email.nullable()
      .optional()
      .describe(
        'Leave it out to leave the address as it is. The present address, given while another waits to replace it, cancels that change, without a password; otherwise it changes nothing',
      ),
    ...stepUp,
    preferences: Preferences.extend({ notifications: Preferences.shape.notifications.partial() })
      .partial()
      .optional(),
  }),
  reply: { 200: Me },
  errors: ['username_taken', 'email_taken', ...stepUpErrors],
})

/** Messages stay, their author becomes "Deleted account"; nothing personal stays. */
export const deleteMe = defineRoute({
  method: 'DELETE',
  path: '/v1/users/me',
  summary: 'Delete my account',
  body: z.object({ password: z.string().min(1).max(256), totp: stepUp.totp }),
  reply: { 204: null },
  errors: ['invalid_credentials', 'totp_required'],
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

const ofUser = z.object({ userId: UserId })

/** Sides of a square avatar in pixels; the next larger one answers. */
export const AvatarQuery = z.object({
  size: z.coerce.number().int().min(1).max(1024).default(256),
  v: z
    .string()
    .max(64)
    .optional()
    .describe('As in `avatarUrl`: the answer to the present one may be kept for a year'),
})
/** What a picture of a person or a group may be sent as. */
export const avatarBytes = {
  maxBytes: 5 * 1024 * 1024,
  mediaTypes: [
    'image/jpeg',
    'image/png',
    'image/webp',
    'image/gif',
    'image/avif',
    'application/octet-stream',
  ],
} as const

export const putAvatar = defineRoute({
  method: 'PUT',
  path: '/v1/users/me/avatar',
  summary: 'Set my picture: at most 5 MiB; it is cut square and its metadata dropped',
  bytes: avatarBytes,
  reply: { 200: Me },
  errors: ['payload_too_large', 'unsupported_media_type'],
})

export const deleteAvatar = defineRoute({
  method: 'DELETE',
  path: '/v1/users/me/avatar',
  summary: 'Remove my picture',
  reply: { 204: null },
})

export const getAvatar = defineRoute({
  method: 'GET',
  path: '/v1/users/:userId/avatar',
  summary: 'The picture of a person',
  params: ofUser,
  query: AvatarQuery,
  reply: { 200: aFile('image/webp') },
  errors: ['not_found'],
})

export const exportMe = defineRoute({
  method: 'GET',
  path: '/v1/users/me/export',
  summary:
    'Everything of mine as a zip, for who signed in less than 15 minutes ago: profile, sessions, devices, blocks, activity, conversations and what I wrote in them',
  reply: { 200: aFile('application/zip') },
  errors: ['reauthentication_required'],
})

export const listBlocks = defineRoute({
  method: 'GET',
  path: '/v1/users/me/blocks',
  summary: 'Whom I blocked',
  query: PageQuery,
  reply: { 200: pageOf(PublicUser) },
})

/**
 * Neither finds the other any more, starts a conversation with them, writes to their direct
 * conversation or sees their presence.
 */
export const block = defineRoute({
  method: 'PUT',
  path: '/v1/users/me/blocks/:userId',
  summary: 'Block a person',
  params: ofUser,
  reply: { 204: null },
  errors: ['not_found', 'conflict'],
})

export const unblock = defineRoute({
  method: 'DELETE',
  path: '/v1/users/me/blocks/:userId',
  summary: 'Unblock a person',
  params: ofUser,
  reply: { 204: null },
})

const ofDevice = z.object({
  deviceId: z
    .string()
    .regex(/^[\w-]{1,64}$/, 'Must be 1–64 letters, digits, _ or -')
    .describe('Chosen by the device, kept by it'),
})
const DeviceName = lineText(1, 100)
const httpsUrl = z.url({ protocol: /^https?$/ }).max(2048)

export const NewPushDevice = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('expo'), token: z.string().min(1).max(512), name: DeviceName }),
    z.object({
      kind: z.literal('webpush'),
      subscription: z.object({
        endpoint: httpsUrl,
        expirationTime: z.number().nullable().optional(),
        keys: z.object({ p256dh: z.base64url().max(256), auth: z.base64url().max(64) }),
      }),
      name: DeviceName,
    }),
  ])
  .meta({ id: 'NewPushDevice' })
export type NewPushDevice = z.infer<typeof NewPushDevice>

/** A push target belongs to the session that set it, and goes when that ends. */
export const putDevice = defineRoute({
  method: 'PUT',
  path: '/v1/users/me/devices/:deviceId',
  summary: 'Have this device notified',
  params: ofDevice,
  body: NewPushDevice,
  reply: { 204: null },
  errors: ['conflict'],
})

export const deleteDevice = defineRoute({
  method: 'DELETE',
  path: '/v1/users/me/devices/:deviceId',
  summary: 'No longer notify this device',
  params: ofDevice,
  reply: { 204: null },
})
