import { z } from 'zod'
import { SessionId, UserId } from '../ids.ts'
import { defineRoute } from '../route.ts'
import { Timestamp } from '../time.ts'
import { PublicUser, SharedPreferences } from '../user.ts'

export const VersionedUser = z.object({
  user: PublicUser,
  preferences: SharedPreferences,
  version: z.int(),
})

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

/** All blocks in force, for a replica that is built anew; paged by the pair. */
export const snapshotBlocks = defineRoute({
  method: 'GET',
  path: '/internal/blocks/snapshot',
  summary: 'Every block',
  auth: 'internal',
  query: z.object({
    after: z.string().max(80).optional().describe('`nextAfter` of the page before'),
    limit: z.coerce.number().int().min(1).max(5000).default(5000),
  }),
  reply: {
    200: z.object({
      items: z.array(z.object({ userId: UserId, blockedId: UserId, version: z.int() })),
      nextAfter: z.string().nullable(),
    }),
  },
})

/** Sessions that ended while access tokens of theirs may still be good: 16 minutes. */
export const listEndedSessions = defineRoute({
  method: 'GET',
  path: '/internal/sessions/ended',
  summary: 'Sessions that ended lately',
  auth: 'internal',
  reply: { 200: z.object({ sessionIds: z.array(SessionId) }) },
})

/** What a person may know of the presence of others: those blocked either way are left out; `lastSeenAt` is null where the other hides it. */
export const lookupPresence = defineRoute({
  method: 'POST',
  path: '/internal/presence/lookup',
  summary: 'Whose presence a person may see',
  auth: 'internal',
  body: z.object({ userId: UserId, of: z.array(UserId).max(500) }),
  reply: {
    200: z.object({
      items: z.array(
        z.object({ userId: UserId, lastSeenAt: Timestamp.nullable(), hidesLastSeen: z.boolean() }),
      ),
    }),
  },
})
