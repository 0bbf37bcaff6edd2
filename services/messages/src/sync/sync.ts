import type { messagesApi, RouteBody, SyncReply } from '@finnigram/contracts'
import { type Actor, type Bulkhead, fromCursor, JsonText, toCursor } from '@finnigram/service-kit'
import { z } from 'zod'
import { readInvited } from '../conversations/invitations/list-invitations.ts'
import { loadConversations } from '../conversations/load-conversations.ts'
import type { Queryable, WithPool } from '../deps.ts'
import { readablePayload } from '../history/message-visibility.ts'
import { withSnapshot } from '../with-snapshot.ts'
import { type EventRange, type Membership, planSync, type ReplyBudget } from './plan-sync.ts'
import { overlapMs, readChangedMarkers } from './read-changed-markers.ts'
import {
  Milliseconds,
  type ProfilesBudget,
  ProfilesPlace,
  readChangedProfiles,
} from './read-changed-profiles.ts'

/*
 * Sync brings a device up to date with one request. The device sends the version of each
 * conversation it knows, and the cursor of its last sync. The promise: after the last page
 * (`more` is false) its replica equals what a fresh device would fetch.
 *
 * 1. Read the memberships of the caller with the present versions.
 * 2. Plan the reply (`plan-sync.ts`, pure): events where the log still has all of them, the whole
 *    conversation where it is new or the log was compacted (a reset), and what was left.
 * 3. Read what was planned: events as their stored text, whole conversations, invitations, markers
 *    and settings that moved since the cursor, profiles that changed.
 *
 * All reads share one repeatable-read snapshot, so they agree. A reply is bounded in events,
 * participants, conversations and profiles; the rest comes with the next page. Syncs of a process
 * queue in a bulkhead: thousands of reconnecting devices leave connections to everyone else.
 *
 * It never writes, and never asks another service. `POST /v1/sync` calls it.
 */

/** The queue of syncs, so that reconnecting devices leave the database to everyone else. */
export interface WithSyncQueue {
  readonly syncs: Bulkhead
}

const nilId = '00000000-0000-0000-0000-000000000000'

/** Bounds of a reply, for tests. By default those of `plan-sync.ts`. */
type SyncBudget = ReplyBudget & { profiles?: ProfilesBudget }
type Request = RouteBody<typeof messagesApi.sync> & { budget?: SyncBudget }

/**
 * The cursor: the database's time when the last sync began and, with profiles left, where they go
 * on.
 */
const Place = z.union([z.tuple([Milliseconds]), z.tuple([Milliseconds, ProfilesPlace])])

/**
 * Everything that changed for the caller. Throws `validation_failed` for an invalid `since`, and
 * `unavailable` while too many syncs wait.
 */
export function sync(
  { pool, syncs }: WithPool & WithSyncQueue,
  actor: Actor,
  { known, since, range, budget }: Request,
): Promise<JsonText> {
  const ids = { after: range?.after ?? allIds.after, until: range?.until ?? allIds.until }
  const versions = new Map(Object.entries(known).filter(([id]) => isInRange(id, ids)))
  const place = since === undefined ? undefined : fromCursor(Place, since, 'body.since')
  const asked = { userId: actor.userId, known: versions, place, ids, budget }
  return syncs.run(actor.userId, () => withSnapshot(pool, (tx) => read(tx, asked), { keepsPlans: true }))
}

/** Compares ids as the database does: by bytes, which is by lower case. */
const isInRange = (id: string, { after, until }: IdRange) =>
  id > after.toLowerCase() && id <= until.toLowerCase()

interface Asked {
  userId: string
  known: Map<string, number>
  place: z.output<typeof Place> | undefined
  ids: IdRange
  budget: SyncBudget | undefined
}

async function read(tx: Queryable, { userId, known, place, ids, budget }: Asked): Promise<JsonText> {
  const { memberships, now } = await readMemberships(tx, userId, ids)
  const { upToDate, ...plan } = planSync(known, memberships, budget)
  const since = place?.[0]
  const shared = memberships.map(({ id }) => id)
  const from = place && (place[1] ?? { begunAt: now, at: place[0] - overlapMs, id: nilId })
  const [events, conversations, invited, moved, profiles] = await Promise.all([
    readEvents(tx, userId, plan.events),
    loadConversations(tx, userId, plan.whole),
    readInvited(tx, userId, ids),
    since === undefined ? { markers: [], me: [] } : readChangedMarkers(tx, upToDate, { userId, since }),
    readChangedProfiles(tx, { userId, shared, from, budget: budget?.profiles }),
  ])
  return writeReply(events, {
    conversations,
    reset: plan.reset,
    removed: plan.removed,
    invited,
    ...moved,
    users: profiles.users,
    // After several pages of profiles the next sync looks again from where the first began.
    cursor: toCursor(profiles.next ? [now, profiles.next] : [from?.begunAt ?? now]),
    more: plan.more || profiles.next !== undefined,
  })
}

/** Writes events as their stored text, without parsing them. */
function writeReply(events: ReadonlyMap<string, string>, rest: Omit<SyncReply, 'events'>): JsonText {
  const lists = [...events].map(([id, payloads]) => `"${id}":[${payloads}]`)
  return new JsonText(`{"events":{${lists.join(',')}},${JSON.stringify(rest).slice(1)}`)
}

/** Ids after one, up to and including another. */
interface IdRange {
  after: string
  until: string
}

const allIds: IdRange = {
  after: '00000000-0000-0000-0000-000000000000',
  until: 'ffffffff-ffff-ffff-ffff-ffffffffffff',
}

/**
 * Memberships of a person in a range of ids, latest activity first, and the database's time in ms
 * since 1970.
 */
async function readMemberships(
  tx: Queryable,
  userId: string,
  { after, until }: IdRange = allIds,
): Promise<{ memberships: Membership[]; now: number }> {
  const { rows } = await tx.query<{ now: number } & (Membership | { id: null })>({
    name: 'sync-memberships',
    text: `SELECT (extract(epoch FROM now()) * 1000)::float8 AS now, c.id, c.version, c.compacted_version AS "compactedVersion", c.participant_count AS "participantCount",
  p.joined_version AS "joinedVersion",
  (extract(epoch FROM greatest(p.marker_at, p.me_at)) * 1000)::float8 AS "changedAt"
FROM (SELECT 1) AS always
LEFT JOIN participants p ON p.user_id = $1 AND p.left_version IS NULL AND p.conversation_id > $2 AND p.conversation_id <= $3
LEFT JOIN LATERAL (SELECT * FROM conversations q WHERE q.id = p.conversation_id OFFSET 0) c ON true
ORDER BY c.last_activity_at DESC, c.id`,
    values: [userId, after, until],
  })
  return {
    memberships: rows.flatMap((row) => (row.id === null ? [] : row)),
    now: Math.floor(rows[0]?.now ?? Date.now()),
  }
}

/**
 * The events of each range as the reader may see them: JSON, separated by commas, by conversation.
 */
async function readEvents(
  tx: Queryable,
  userId: string,
  ranges: readonly EventRange[],
): Promise<Map<string, string>> {
  if (ranges.length === 0) return new Map()
  const { rows } = await tx.query<{ id: string; payloads: string }>({
    name: 'sync-events',
    text: `SELECT r.id, e.payloads
FROM unnest($1::uuid[], $2::int[], $3::int[]) AS r (id, after, until)
CROSS JOIN LATERAL (
  SELECT q.joined_seq FROM participants q WHERE q.conversation_id = r.id AND q.user_id = $4 OFFSET 0
) p
CROSS JOIN LATERAL (
  SELECT string_agg(${readablePayload}, ',' ORDER BY e.version) AS payloads FROM conversation_events e
  WHERE e.conversation_id = r.id AND e.version > r.after AND e.version <= r.until
) e`,
    values: [
      ranges.map(({ id }) => id),
      ranges.map(({ after }) => after),
      ranges.map(({ until }) => until),
      userId,
    ],
  })
  return new Map(rows.map(({ id, payloads }) => [id, payloads]))
}
