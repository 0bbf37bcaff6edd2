import type { PublicUser } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import { findBlocked, requirePeople } from '../../people/find-people.ts'
import { pairKeyOf } from '../conversation-row.ts'

/**
 * Decides which people join a group at once, and which are asked first by an invitation. The
 * setting `addToGroups` of each person says whom they let add them: everyone, contacts or nobody.
 *
 * Promise: nobody gets into a group against their setting. A stranger is somebody to whom they
 * never wrote. Strangers add a person to few groups a day; further ones are invitations.
 * Invitations from strangers are bounded per person, and a declined group asks again only after a
 * month.
 *
 * Procedure, in the transaction of the caller:
 * 1. Lock the accounts until the commit. Of two groups at once, the later one sees what the earlier
 *    one did. An account that ends afterwards leaves this group too. A block that is copied
 *    afterwards waits for these locks, and then ends the invitation.
 * 2. Refuse people who are blocked either way.
 * 3. Read settings, contact and earlier invitations of each, and sort.
 *
 * It never asks another service, and it never inserts members or invitations: `add-member.ts` and
 * `invite-people.ts` do.
 */

/**
 * Groups into which strangers may add one person without asking, in a day; times
 * `RATE_LIMIT_SCALE`.
 */
const strangersGroupsAtMost = 20
/** Pending invitations of one person: in all, and from strangers. */
const waitingAtMost = 200
const waitingOfStrangersAtMost = 100
/** Invitations of one stranger to one person, pending or declined in the last 30 days. */
const unansweredAtMost = 10
/** Days until a group may invite again after the invitation was declined, or withdrawn. */
export const daysAfterDeclined = 30
const daysAfterWithdrawn = 1

/** The people to add to a group, by what happens to them; each list in id order. */
export interface Consent {
  /** They let the actor add them. */
  joining: string[]
  /** They get an invitation. */
  asked: string[]
  /** They have an invitation already. */
  waiting: string[]
  /** They declined lately, or have too many invitations: nothing happens. */
  leftOut: string[]
}

interface Addition {
  /** Multiplies daily limits. */
  scale: number
  actorId: string
  conversationId: string
  userIds: readonly string[]
  /** User ids in the order of the request, for the paths of errors. */
  requestedIds: readonly string[]
}

/**
 * Throws `conflict` when an account has just ended, `validation_failed` for people blocked either
 * way.
 */
export async function partitionByConsent(tx: pg.PoolClient, addition: Addition): Promise<Consent> {
  const consent: Consent = { joining: [], asked: [], waiting: [], leftOut: [] }
  if (addition.userIds.length === 0) return consent
  await lockAccounts(tx, addition.userIds)
  const blocked = await findBlocked(tx, addition.actorId, addition.userIds)
  requirePeople({ has: (id) => !blocked.has(id) }, addition.requestedIds)
  const strangers: string[] = []
  for (const row of await readCandidates(tx, addition)) {
    const joins = mayAdd(row, addition.scale)
    if (joins && !row.isContact) strangers.push(row.id)
    if (joins) consent.joining.push(row.id)
    else consent[row.isWaiting ? 'waiting' : mayAsk(row) ? 'asked' : 'leftOut'].push(row.id)
  }
  await recordStrangerAdditions(tx, addition.conversationId, strangers)
  return consent
}

export interface LockedAccount {
  profile: PublicUser
  profileVersion: number
  hidesReads: boolean
}

/**
 * Locks accounts in id order until the commit, so that none ends. Throws `conflict` if one has just
 * ended.
 */
export async function lockAccounts(tx: pg.PoolClient, ids: readonly string[]): Promise<LockedAccount[]> {
  const { rows } = await tx.query<LockedAccount>(
    `SELECT profile, version AS "profileVersion", hides_reads AS "hidesReads" FROM users_replica
WHERE id = ANY($1::uuid[]) AND NOT deleted ORDER BY id FOR NO KEY UPDATE`,
    [ids],
  )
  if (rows.length < ids.length)
    throw new AppError('conflict', { detail: 'Somebody’s account has just ended' })
  return rows
}

/** What decides about one person. */
interface Candidate {
  id: string
  addToGroups: 'everyone' | 'contacts' | 'nobody'
  /** They wrote to the actor in their direct conversation. */
  isContact: boolean
  /** They left this group by themselves. */
  hasLeft: boolean
  addedByStrangers: number
  waiting: number
  unanswered: number
  /** They have a pending invitation to this group. */
  isWaiting: boolean
  /** This group invited them lately. */
  wasAsked: boolean
}

function mayAdd({ addToGroups, isContact, hasLeft, addedByStrangers }: Candidate, scale: number): boolean {
  if (hasLeft || addToGroups === 'nobody') return false
  return isContact || (addToGroups === 'everyone' && addedByStrangers < strangersGroupsAtMost * scale)
}

function mayAsk({ isContact, waiting, unanswered, wasAsked }: Candidate): boolean {
  if (wasAsked) return false
  if (isContact) return waiting < waitingAtMost
  return waiting < waitingOfStrangersAtMost && unanswered < unansweredAtMost
}

/** A statement after the lock: an earlier snapshot would miss what another group did meanwhile. */
async function readCandidates(
  tx: pg.PoolClient,
  { actorId, conversationId, userIds }: Addition,
): Promise<Candidate[]> {
  const { rows } = await tx.query<Candidate>({
    name: 'group-consent',
    text: select,
    values: [conversationId, actorId, userIds, userIds.map((id) => pairKeyOf(id, actorId))],
  })
  return rows
}

const select = `SELECT u.id, coalesce(u.preferences->>'addToGroups', 'everyone') AS "addToGroups",
  EXISTS (
    SELECT FROM conversations c JOIN messages m ON m.conversation_id = c.id AND m.sender_id = u.id
    WHERE c.pair_key = candidate.pair_key
  ) AS "isContact",
  EXISTS (
    SELECT FROM participants p
    WHERE p.conversation_id = $1 AND p.user_id = u.id AND p.left_version IS NOT NULL AND NOT p.was_removed
  ) AS "hasLeft",
  (SELECT count(*)::int FROM stranger_additions s
    WHERE s.user_id = u.id AND s.conversation_id <> $1 AND s.added_at > now() - interval '1 day') AS "addedByStrangers",
  (SELECT count(*)::int FROM group_invitations q WHERE q.user_id = u.id AND q.ended_at IS NULL) AS waiting,
  (SELECT count(*)::int FROM group_invitations q WHERE q.user_id = u.id AND q.invited_by = $2
    AND (q.ended_at IS NULL OR (q.was_declined AND q.ended_at > now() - interval '${daysAfterDeclined} days'))) AS unanswered,
  g.user_id IS NOT NULL AND g.ended_at IS NULL AS "isWaiting",
  coalesce(g.ended_at > now() - CASE WHEN g.was_declined THEN interval '${daysAfterDeclined} days'
    ELSE interval '${daysAfterWithdrawn} days' END, false) AS "wasAsked"
FROM unnest($3::uuid[], $4::text[]) AS candidate (id, pair_key)
JOIN users_replica u ON u.id = candidate.id
LEFT JOIN group_invitations g ON g.conversation_id = $1 AND g.user_id = u.id
ORDER BY u.id`

/** Counts additions by strangers; rows older than a day are deleted. */
async function recordStrangerAdditions(
  tx: pg.PoolClient,
  conversationId: string,
  userIds: readonly string[],
): Promise<void> {
  if (userIds.length === 0) return
  await tx.query(
    `DELETE FROM stranger_additions WHERE user_id = ANY($1::uuid[]) AND added_at < now() - interval '1 day'`,
    [userIds],
  )
  await tx.query(
    `INSERT INTO stranger_additions (user_id, conversation_id) SELECT user_id, $2 FROM unnest($1::uuid[]) AS u (user_id)
ON CONFLICT (user_id, conversation_id) DO UPDATE SET added_at = now()`,
    [userIds, conversationId],
  )
}
