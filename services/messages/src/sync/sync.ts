import type { messagesApi, RouteBody, SyncReply } from '@finnigram/contracts'
import { type Actor, AppError, fromCursor, JsonText, toCursor } from '@finnigram/service-kit'
import { z } from 'zod'
import type { MessagesContext } from '../context.ts'
import { loadConversations, type Snapshot } from '../conversations/load-conversations.ts'
import { withSnapshot } from '../with-snapshot.ts'
import { readMemberships } from './membership.ts'
import { planSync, type Room } from './plan-sync.ts'
import { readEvents } from './read-events.ts'
import { readMoved } from './read-moved.ts'

type Request = RouteBody<typeof messagesApi.sync> & { room?: Room }

/** That many fit into the largest body there is. */
const knownAtMost = 5000
/** The database's time when the last sync began, in milliseconds since 1970. */
const Place = z.tuple([z.int().min(0).max(8.64e15)])

/** Everything that changed for the caller, from one snapshot of the primary. Throws `validation_failed` for a foreign `since` or too many conversations, `unavailable` while too many others ask. */
export function sync(
  { pool, syncs }: Pick<MessagesContext, 'pool' | 'syncs'>,
  actor: Actor,
  { known, since, room }: Request,
): Promise<JsonText> {
  const versions = new Map(Object.entries(known))
  if (versions.size > knownAtMost) {
    throw new AppError('validation_failed', {
      errors: [{ path: 'body.known', message: `At most ${knownAtMost}` }],
    })
  }
  const place = since === undefined ? undefined : fromCursor(Place, since, 'body.since')
  const asked = { userId: actor.userId, known: versions, since: place?.[0], room }
  return syncs.run(actor.userId, () => withSnapshot(pool, (tx) => read(tx, asked), { keepsPlans: true }))
}

interface Asked {
  userId: string
  known: Map<string, number>
  since: number | undefined
  room: Room | undefined
}

async function read(tx: Snapshot, { userId, known, since, room }: Asked): Promise<JsonText> {
  const { memberships, now } = await readMemberships(tx, userId)
  const { quiet, ...plan } = planSync(known, memberships, room)
  const [events, conversations, moved] = await Promise.all([
    readEvents(tx, userId, plan.events),
    loadConversations(tx, userId, plan.whole),
    since === undefined ? { markers: [], me: [] } : readMoved(tx, quiet, { userId, since }),
  ])
  return writeReply(events, {
    conversations,
    reset: plan.reset,
    removed: plan.removed,
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
