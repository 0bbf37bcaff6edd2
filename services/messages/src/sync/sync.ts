import type { messagesApi, RouteBody, SyncReply } from '@finnigram/contracts'
import { type Actor, fromCursor, JsonText, toCursor } from '@finnigram/service-kit'
import { z } from 'zod'
import type { MessagesContext } from '../context.ts'
import { loadConversations, type Snapshot } from '../conversations/load-conversations.ts'
import { readInvited } from '../invitations/list-invited.ts'
import { withSnapshot } from '../with-snapshot.ts'
import { allIds, type IdRange, readMemberships } from './membership.ts'
import { planSync, type Room } from './plan-sync.ts'
import { readEvents } from './read-events.ts'
import { readMoved } from './read-moved.ts'

type Request = RouteBody<typeof messagesApi.sync> & { room?: Room }

/** The database's time when the last sync began, in milliseconds since 1970. */
const Place = z.tuple([z.int().min(0).max(8.64e15)])

/** Everything that changed for the caller, from one snapshot of the primary. Throws `validation_failed` for a foreign `since`, `unavailable` while too many others ask. */
export function sync(
  { pool, syncs }: Pick<MessagesContext, 'pool' | 'syncs'>,
  actor: Actor,
  { known, since, range, room }: Request,
): Promise<JsonText> {
  const ids = { after: range?.after ?? allIds.after, until: range?.until ?? allIds.until }
  const versions = new Map(Object.entries(known).filter(([id]) => isInRange(id, ids)))
  const place = since === undefined ? undefined : fromCursor(Place, since, 'body.since')
  const asked = { userId: actor.userId, known: versions, since: place?.[0], ids, room }
  return syncs.run(actor.userId, () => withSnapshot(pool, (tx) => read(tx, asked), { keepsPlans: true }))
}

/** Ids compare as the database compares them: their bytes, which is their small letters. */
const isInRange = (id: string, { after, until }: IdRange) =>
  id > after.toLowerCase() && id <= until.toLowerCase()

interface Asked {
  userId: string
  known: Map<string, number>
  since: number | undefined
  ids: IdRange
  room: Room | undefined
}

async function read(tx: Snapshot, { userId, known, since, ids, room }: Asked): Promise<JsonText> {
  const { memberships, now } = await readMemberships(tx, userId, ids)
  const { quiet, ...plan } = planSync(known, memberships, room)
  const [events, conversations, invited, moved] = await Promise.all([
    readEvents(tx, userId, plan.events),
    loadConversations(tx, userId, plan.whole),
    readInvited(tx, userId, ids),
    since === undefined ? { markers: [], me: [] } : readMoved(tx, quiet, { userId, since }),
  ])
  return writeReply(events, {
    conversations,
    reset: plan.reset,
    removed: plan.removed,
    invited,
    ...moved,
    cursor: toCursor([now]),
    more: plan.more,
  })
}

/** Events go out as the text they were written as. */
function writeReply(events: ReadonlyMap<string, string>, rest: Omit<SyncReply, 'events'>): JsonText {
  const lists = [...events].map(([id, payloads]) => `"${id}":[${payloads}]`)
  return new JsonText(`{"events":{${lists.join(',')}},${JSON.stringify(rest).slice(1)}`)
}
