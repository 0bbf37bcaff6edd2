import { z } from 'zod'
import { UserId } from './ids.ts'
import { lineText } from './text.ts'
import { Timestamp } from './time.ts'

/**
 * What a username looks like: two that share this cannot be told apart at a glance, so only one of
 * them may exist (the confusables of UTS #39 among the characters a username may have).
 */
export const usernameLooks = (username: string): string =>
  username
    .replaceAll('0', 'o')
    .replaceAll('1', 'l')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
    .replaceAll('.', '_')

/**
 * What says something else where a username may stand: `@all`, and the name of those who are gone.
 */
const reserved = new Set(['all', 'deleted'])

/** 3–32 of `a-z 0-9 _ .`, compared after NFKC and case folding. */
export const Username = z
  .string()
  .max(128, 'At most 32 characters')
  .overwrite((value) => value.normalize('NFKC').toLowerCase())
  .refine((value) => value.length >= 3, 'At least 3 characters')
  .refine((value) => value.length <= 32, 'At most 32 characters')
  .refine((value) => /^[a-z0-9_.]*$/.test(value), 'Only letters a–z, digits, _ and .')
  .refine((value) => !reserved.has(usernameLooks(value)), 'Means something else here')
  .describe('3–32 of a-z 0-9 _ .')

export const DisplayName = lineText(1, 64).describe('1–64 characters')
/**
 * Taken as it is: nothing is trimmed, folded or cut off. A character is a code point, however its
 * accents were typed.
 */
export const Password = z
  .string()
  .min(8, { error: 'At least 8 characters', abort: true })
  .max(256, 'At most 256 characters')
  .refine((value) => [...value.normalize('NFC')].length >= 8, 'At least 8 characters')

export const PublicUser = z
  .object({
    id: UserId,
    username: z.string(),
    displayName: z.string(),
    bio: z.string(),
    avatarUrl: z.string().nullable(),
    createdAt: Timestamp,
    lastSeenAt: Timestamp.nullable(),
    deleted: z.boolean().optional().describe('For good: whatever else is told of this person is older'),
    version: z
      .int()
      .min(0)
      .optional()
      .describe(
        'Grows with every change: of two profiles of a person the one with the higher version is newer',
      ),
  })
  .meta({ id: 'PublicUser', description: 'What anyone signed in may know of a person' })
export type PublicUser = z.infer<typeof PublicUser>

const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Must be a time of day, such as 22:30')
/** Asked this way because not every JavaScript engine can list them. */
const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** A time of every day in which nothing is notified; it may span midnight. */
export const QuietHours = z
  .object({
    from: TimeOfDay,
    to: TimeOfDay,
    timeZone: z
      .string()
      .max(64)
      .refine(isTimeZone, 'Must be a time zone of the IANA database, such as Europe/Berlin'),
  })
  .meta({ id: 'QuietHours' })
export type QuietHours = z.infer<typeof QuietHours>

const AddToGroups = z.enum(['everyone', 'contacts', 'nobody'])

export const Preferences = z
  .object({
    theme: z.enum(['system', 'light', 'dark']),
    locale: z
      .string()
      .max(35)
      .regex(/^[a-z]{2,8}(-[a-z0-9]{1,8})*$/i, 'Must be a language tag (BCP 47)')
      .nullable(),
    readReceipts: z.boolean(),
    lastSeen: z
      .enum(['everyone', 'contacts', 'nobody'])
      .describe(
        'Who may see when I was last here. My contacts are those with whom I began a direct conversation, or wrote in one',
      ),
    addToGroups: AddToGroups.describe(
      'Who may put me into a group. Others invite me, and I answer. My contacts are those whom I wrote in a direct conversation',
    ),
    notifications: z.object({
      push: z.boolean(),
      preview: z.boolean().describe('Whether a notification tells who wrote and what'),
      sound: z.boolean(),
      quietHours: QuietHours.nullable(),
    }),
  })
  .meta({ id: 'Preferences' })
export type Preferences = z.infer<typeof Preferences>

export const defaultPreferences: Preferences = {
  theme: 'system',
  locale: null,
  readReceipts: true,
  lastSeen: 'everyone',
  addToGroups: 'everyone',
  notifications: { push: true, preview: true, sound: true, quietHours: null },
}

/** What other services must know of a person's preferences to keep to them. */
export const SharedPreferences = Preferences.pick({
  locale: true,
  readReceipts: true,
  lastSeen: true,
  notifications: true,
}).extend({
  // A users node of an earlier version does not send it yet.
  addToGroups: AddToGroups.default('everyone'),
})
export type SharedPreferences = z.infer<typeof SharedPreferences>

/** A person as the other services know them; `version` grows with every change. */
export const VersionedUser = z.object({
  user: PublicUser,
  preferences: SharedPreferences,
  /** Whether a device of theirs may be there to be notified: it is looked for only then. */
  reachable: z.boolean(),
  version: z.int(),
})

export const Me = PublicUser.extend({
  email: z.string().nullable(),
  emailVerified: z.boolean(),
  pendingEmail: z
    .string()
    .nullable()
    .optional()
    .describe('Replaces `email` as soon as it is proven; until then `email` stays in use'),
  totpEnabled: z.boolean().describe('Whether signing in needs a second factor'),
  preferences: Preferences,
}).meta({ id: 'Me', description: 'The full own profile' })
export type Me = z.infer<typeof Me>
