import type { messagesApi, RouteBody, SyncReply } from '@finnigram/contracts'
import { type Actor, fromCursor, JsonText, toCursor } from '@finnigram/service-kit'
import { z } from 'zod'
import type { MessagesContext } from '../context.ts'
import { readInvited } from '../conversations/invitations/list-invitations.ts'
import { loadConversations } from '../conversations/load-conversations.ts'
import type { Queryable } from '../deps.ts'
import { withSnapshot } from '../with-snapshot.ts'
import { allIds, type IdRange, readMemberships } from './membership.ts'
import { planSync, type Room } from './plan-sync.ts'
import {
  Milliseconds,
  ProfilesPlace,
  type ProfilesRoom,
  readChangedProfiles,
} from './read-changed-profiles.ts'
import { readEvents } from './read-events.ts'
import { overlapMs, readMoved } from './read-moved.ts'

const nilId = '00000000-0000-0000-0000-000000000000'

/** What one reply has room for; the usual where it is not said. */
type SyncRoom = Room & { profiles?: ProfilesRoom }
type Request = RouteBody<typeof messagesApi.sync> & { room?: SyncRoom }

/**
 * The database's time when the last sync began; while there are more profiles to tell, also how far
 * they are told.
 */
const Place = z.union([z.tuple([Milliseconds]), z.tuple([Milliseconds, ProfilesPlace])])

/** Everything that changed for the caller, from one snapshot of the primary. Throws `validation_failed` for a foreign `since`, `unavailable` while too many others ask. */
export function sync(
  { pool, syncs }: Pick<MessagesContext, 'pool' | 'syncs'>,
  actor: Actor,
  { known, since, range, room }: Request,
): Promise<JsonText> {
  const ids = { after: range?.after ?? allIds.after, until: range?.until ?? allIds.until }
  const versions = new Map(Object.entries(known).filter(([id]) => isInRange(id, ids)))
  const place = since === undefined ? undefined : fromCursor(Place, since, 'body.since')
  const asked = { userId: actor.userId, known: versions, place, ids, room }
  return syncs.run(actor.userId, () => withSnapshot(pool, (tx) => read(tx, asked), { keepsPlans: true }))
}

/** Ids compare as the database compares them: their bytes, which is their small letters. */
const isInRange = (id: string, { after, until }: IdRange) =>
  id > after.toLowerCase() && id <= until.toLowerCase()

interface Asked {
  userId: string
  known: Map<string, number>
  place: z.output<typeof Place> | undefined
  ids: IdRange
  room: SyncRoom | undefined
}

async function read(tx: Queryable, { userId, known, place, ids, room }: Asked): Promise<JsonText> {
  const { memberships, now } = await readMemberships(tx, userId, ids)
  const { quiet, ...plan } = planSync(known, memberships, room)
  const since = place?.[0]
  const shared = memberships.map(({ id }) => id)
  const from = place && (place[1] ?? { begunAt: now, at: place[0] - overlapMs, id: nilId })
  const [events, conversations, invited, moved, profiles] = await Promise.all([
    readEvents(tx, userId, plan.events),
    loadConversations(tx, userId, plan.whole),
    readInvited(tx, userId, ids),
    since === undefined ? { markers: [], me: [] } : readMoved(tx, quiet, { userId, since }),
    readChangedProfiles(tx, { userId, shared, from, room: room?.profiles }),
  ])
  return writeReply(events, {
    conversations,
    reset: plan.reset,
    removed: plan.removed,
    invited,
    ...moved,
    users: profiles.users,
    // Profiles that were told in several replies are asked for again from where the first of them began.
    cursor: toCursor(profiles.next ? [now, profiles.next] : [from?.begunAt ?? now]),
    more: plan.more || profiles.next !== undefined,
  })
}

/** Events go out as the text they were written as. */
function writeReply(events: ReadonlyMap<string, string>, rest: Omit<SyncReply, 'events'>): JsonText {
  const lists = [...events].map(([id, payloads]) => `"${id}":[${payloads}]`)
  return new JsonText(`{"events":{${lists.join(',')}},${JSON.stringify(rest).slice(1)}`)
}
