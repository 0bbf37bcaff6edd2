import { z } from 'zod'
import { SessionId, UserId } from '../ids.ts'
import { defineRoute } from '../route.ts'
import { Timestamp } from '../time.ts'
import { QuietHours, VersionedUser } from '../user.ts'
import { NewPushDevice } from './users.ts'

const changedSince = Timestamp.optional().describe('Only what has changed since; everything when left out')

/**
 * All people in id order, for a replica that is built anew: take the stream's last id first, then
 * this, then tail.
 */
export const snapshotUsers = defineRoute({
  method: 'GET',
  path: '/internal/users/snapshot',
  summary: 'Every person, by id',
  auth: 'internal',
  query: z.object({
    after: UserId.optional(),
    limit: z.coerce.number().int().min(1).max(1000).default(1000),
    changedSince,
  }),
  reply: { 200: z.object({ items: z.array(VersionedUser), nextAfter: UserId.nullable() }) },
})

/**
 * All blocks in force, for a replica that is built anew; with `changedSince` also those taken back
 * since. Paged by the pair.
 */
export const snapshotBlocks = defineRoute({
  method: 'GET',
  path: '/internal/blocks/snapshot',
  summary: 'Every block',
  auth: 'internal',
  query: z.object({
    after: z.string().max(80).optional().describe('`nextAfter` of the page before'),
    limit: z.coerce.number().int().min(1).max(5000).default(5000),
    changedSince,
  }),
  reply: {
    200: z.object({
      items: z.array(
        z.object({
          userId: UserId,
          blockedId: UserId,
          version: z.int(),
          isBlocked: z.boolean().optional().describe('True when left out'),
        }),
      ),
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

/**
 * What a person may know of the presence of others: those blocked either way are left out;
 * `lastSeenAt` is null where the other hides it.
 */
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

/** A device of a person, and how that person wants to be notified there. */
export const PushDevice = z.object({
  userId: UserId,
  deviceId: z.string(),
  /** The session that set it: what its sockets acknowledge has reached the device. */
  sessionId: SessionId,
  /** Names the token or the endpoint: another after the device was set anew. */
  targetKey: z.string(),
  target: z.discriminatedUnion('kind', [
    NewPushDevice.options[0].pick({ kind: true, token: true }),
    NewPushDevice.options[1].pick({ kind: true, subscription: true }),
  ]),
  preview: z.boolean(),
  sound: z.boolean(),
  quietHours: QuietHours.nullable(),
})
export type PushDevice = z.infer<typeof PushDevice>

/** The devices of people who want to be notified. Whoever has none is no longer `reachable`. */
export const listPushDevices = defineRoute({
  method: 'POST',
  path: '/internal/push/devices',
  summary: 'Where people want their notifications',
  auth: 'internal',
  body: z.object({ userIds: z.array(UserId).min(1).max(1000) }),
  reply: { 200: z.object({ items: z.array(PushDevice) }) },
})

/** For a test that its owner asked for: a device whatever the preferences say. */
export const getPushDevice = defineRoute({
  method: 'GET',
  path: '/internal/people/:userId/devices/:deviceId',
  summary: 'A device, and whether its owner wants notifications',
  auth: 'internal',
  params: z.object({ userId: UserId, deviceId: z.string() }),
  reply: { 200: PushDevice.extend({ isWanted: z.boolean() }) },
  errors: ['not_found'],
})

/** Devices that their push service no longer knows; one that was set anew meanwhile stays. */
export const forgetPushDevices = defineRoute({
  method: 'POST',
  path: '/internal/push/devices/forget',
  summary: 'Forget devices that are gone',
  auth: 'internal',
  body: z.object({ targetKeys: z.array(z.string()).min(1).max(1000) }),
  reply: { 204: null },
})

/**
 * The key pair that this server names itself with to push services (VAPID, RFC 8292), base64url as
 * `web-push` takes it; made once.
 */
export const getPushKeys = defineRoute({
  method: 'GET',
  path: '/internal/push/keys',
  summary: 'The keys of Web Push',
  auth: 'internal',
  reply: { 200: z.object({ publicKey: z.string(), privateKey: z.string() }) },
})
