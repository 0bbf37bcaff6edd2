import type { PublicUser } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import { findBlocked, requirePeople } from '../../people/find-people.ts'
import { pairKeyOf } from '../conversation-row.ts'

/** Groups that people who are no contacts may put somebody into, without asking, in a day; times `RATE_LIMIT_SCALE`. */
const strangersGroupsAtMost = 20
/** Invitations that wait for one person, at most: by anyone, and by people who are no contacts. */
const waitingAtMost = 200
const waitingOfStrangersAtMost = 100
/** Invitations of one stranger to one person that wait, or were declined in the last 30 days. */
const unansweredAtMost = 10
/** Invitations that one person sends in a day; times `RATE_LIMIT_SCALE`. */
export const invitationsPerDay = 1000
/** A group asks again this many days after it was declined, and after it was withdrawn. */
export const daysAfterDeclined = 30
const daysAfterWithdrawn = 1

/** Of people who were named for a group, what happens to whom; each list in id order. */
export interface Consent {
  /** They let this person add them. */
  joining: string[]
  /** They are asked first. */
  asked: string[]
  /** They were asked and have not answered. */
  waiting: string[]
  /** They declined lately, or have too many invitations. */
  leftOut: string[]
}

interface Naming {
  /** Multiplies what counts by the day. */
  scale: number
  actorId: string
  conversationId: string
  userIds: readonly string[]
  /** All of the request, in its order. */
  named: readonly string[]
}

/**
 * Decides who of these people joins a group at once and who is asked. Nobody's consent is asked of another service. The
 * accounts are locked until the commit: of two groups at once, the later one sees what the earlier did, and an account
 * that ends afterwards leaves this group, too. A block that is copied afterwards waits for the same locks, and ends what
 * waits here. Throws `conflict` when an account has just ended, `validation_failed` for people who are blocked either way.
 */
export async function sortByConsent(tx: pg.PoolClient, naming: Naming): Promise<Consent> {
  const consent: Consent = { joining: [], asked: [], waiting: [], leftOut: [] }
  if (naming.userIds.length === 0) return consent
  await holdAccounts(tx, naming.userIds)
  const blocked = await findBlocked(tx, naming.actorId, naming.userIds)
  requirePeople({ has: (id) => !blocked.has(id) }, naming.named)
  const strangers: string[] = []
  for (const row of await readStandings(tx, naming)) {
    const joins = mayAdd(row, naming.scale)
    if (joins && !row.isContact) strangers.push(row.id)
    if (joins) consent.joining.push(row.id)
    else consent[row.isWaiting ? 'waiting' : mayAsk(row) ? 'asked' : 'leftOut'].push(row.id)
  }
  await noteStrangers(tx, naming.conversationId, strangers)
  return consent
}

export interface HeldAccount {
  profile: PublicUser
  profileVersion: number
  hidesReads: boolean
}

/** The accounts by id, kept from ending until the commit. Throws `conflict` when one has just ended. */
export async function holdAccounts(tx: pg.PoolClient, ids: readonly string[]): Promise<HeldAccount[]> {
  const { rows } = await tx.query<HeldAccount>(
    `SELECT profile, version AS "profileVersion", hides_reads AS "hidesReads" FROM users_replica
WHERE id = ANY($1::uuid[]) AND NOT deleted ORDER BY id FOR NO KEY UPDATE`,
    [ids],
  )
  if (rows.length < ids.length)
    throw new AppError('conflict', { detail: 'Somebody’s account has just ended' })
  return rows
}

interface Standing {
  id: string
  addToGroups: 'everyone' | 'contacts' | 'nobody'
  /** They wrote to this person in their direct conversation. */
  isContact: boolean
  /** They were in this group and left by themselves. */
  hasLeft: boolean
  addedByStrangers: number
  waiting: number
  unanswered: number
  /** This group has asked them, and waits for the answer. */
  isWaiting: boolean
  /** This group asked them not long ago. */
  wasAsked: boolean
}

function mayAdd({ addToGroups, isContact, hasLeft, addedByStrangers }: Standing, scale: number): boolean {
  if (hasLeft || addToGroups === 'nobody') return false
  return isContact || (addToGroups === 'everyone' && addedByStrangers < strangersGroupsAtMost * scale)
}

function mayAsk({ isContact, waiting, unanswered, wasAsked }: Standing): boolean {
  if (wasAsked) return false
  if (isContact) return waiting < waitingAtMost
  return waiting < waitingOfStrangersAtMost && unanswered < unansweredAtMost
}

/** A statement of its own after the lock: an earlier snapshot would not see what another group did meanwhile. */
async function readStandings(
  tx: pg.PoolClient,
  { actorId, conversationId, userIds }: Naming,
): Promise<Standing[]> {
  const { rows } = await tx.query<Standing>({
    name: 'group-consent',
    text: select,
    values: [conversationId, actorId, userIds, userIds.map((id) => pairKeyOf(id, actorId))],
  })
  return rows
}

const select = `SELECT u.id, coalesce(u.preferences->>'addToGroups', 'everyone') AS "addToGroups",
  EXISTS (
    SELECT FROM conversations c JOIN messages m ON m.conversation_id = c.id AND m.sender_id = u.id
    WHERE c.pair_key = named.pair_key
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
FROM unnest($3::uuid[], $4::text[]) AS named (id, pair_key)
JOIN users_replica u ON u.id = named.id
LEFT JOIN group_invitations g ON g.conversation_id = $1 AND g.user_id = u.id
ORDER BY u.id`

/** What is older than a day counts no more, and goes. */
async function noteStrangers(
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
