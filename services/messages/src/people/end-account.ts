import type { PublicUser } from '@finnigram/contracts'
import { z } from 'zod'
import { removeUnsentUploads } from '../attachments/removal/remove-unused.ts'
import { withLockedConversation } from '../conversations/change-conversation.ts'
import { transferOwnership } from '../conversations/participants/change-role.ts'
import { removeMember } from '../conversations/participants/remove-participant.ts'
import { findRole } from '../conversations/permissions.ts'
import type { Queryable, WithLog, WithPool, WithRelay } from '../deps.ts'
import { enqueueJobs } from '../jobs/job-queue.ts'
import { eraseProfile } from './erase-profile.ts'
import { type ProfileRow, toShownProfile } from './shown-profile.ts'

type Deps = WithPool & WithRelay & WithLog

/**
 * Enqueues the job for accounts that have ended, in the transaction that updates the profile copy.
 */
export const enqueueAccountEndings = (tx: Queryable, userIds: readonly string[]) =>
  enqueueJobs(tx, endAccountJob, userIds)

/** The job kind of `endAccount`. */
export const endAccountJob = 'account.end'

const nilId = '00000000-0000-0000-0000-000000000000'
/** Groups in one piece: each is a transaction under the lock of its conversation. */
const groupsAtOnce = 20
/** Rows that one statement deletes. */
const rowsAtOnce = 500

/** The progress of the job, stored with it. */
const Progress = z.discriminatedUnion('step', [
  z.object({ step: z.literal('groups'), after: z.uuid() }),
  z.object({ step: z.literal('own') }),
  z.object({ step: z.literal('profile'), after: z.uuid() }),
  z.object({ step: z.literal('leftovers') }),
])
type Progress = z.infer<typeof Progress>

/**
 * Does the next piece of the job for an account that has ended, in four steps:
 * 1. Leave all groups; where the person was the last owner, another member becomes owner.
 * 2. Delete the rows that were theirs alone, such as drafts, stars and unsent files.
 * 3. Erase their profile from old events (`erase-profile.ts`).
 * 4. Try groups again that could not be left.
 *
 * Messages and direct conversations stay for the others. Every piece may run twice.
 */
export async function endAccount(
  deps: Deps,
  userId: string,
  place: unknown,
): Promise<{ place: Progress } | 'done'> {
  const now: Progress = place === null ? { step: 'groups', after: nilId } : Progress.parse(place)
  switch (now.step) {
    case 'groups': {
      const { last } = await leaveGroups(deps, userId, now.after)
      return { place: last === undefined ? { step: 'own' } : { step: 'groups', after: last } }
    }
    case 'own': {
      const isDone = await deleteOwnRows(deps, userId)
      return { place: isDone ? { step: 'profile', after: nilId } : now }
    }
    case 'profile': {
      const after = await eraseProfile(deps.pool, { userId, after: now.after })
      return { place: after === undefined ? { step: 'leftovers' } : { step: 'profile', after } }
    }
    case 'leftovers': {
      const { last, error } = await leaveGroups(deps, userId, nilId)
      if (error !== undefined) throw error
      return last === undefined ? 'done' : { place: now }
    }
  }
}

/**
 * Leaves the next groups by id. Returns the last of them, `undefined` for none, and the first
 * error. A group that fails does not stop the others.
 */
async function leaveGroups(
  deps: Deps,
  userId: string,
  after: string,
): Promise<{ last: string | undefined; error: unknown }> {
  const { rows } = await deps.pool.query<{ id: string }>({
    name: 'groups-to-leave',
    text: `SELECT p.conversation_id AS id
FROM participants p JOIN conversations c ON c.id = p.conversation_id
WHERE p.user_id = $1 AND p.conversation_id > $2 AND p.left_version IS NULL AND c.kind = 'group'
ORDER BY p.conversation_id LIMIT ${groupsAtOnce}`,
    values: [userId, after],
  })
  let failed: unknown
  for (const { id: conversationId } of rows) {
    try {
      await leaveGroup(deps, { userId, conversationId })
    } catch (error) {
      deps.log.warn('A group could not be left yet', { conversationId, error })
      failed ??= error
    }
  }
  return { last: rows.at(-1)?.id, error: failed }
}

const leaveGroup = (
  deps: Deps,
  { userId, conversationId }: { userId: string; conversationId: string },
): Promise<void> =>
  withLockedConversation(deps, { actorId: userId, conversationId }, async (locked) => {
    const role = await findRole(locked.tx, { conversationId, userId })
    if (role === undefined) return
    if (role === 'owner') await transferOwnership(locked, userId)
    await removeMember(locked, userId, { user: await findDeletedProfile(locked.tx, userId) })
  })

/**
 * The event carries the new profile, because those who stay no longer share a conversation with
 * them.
 */
async function findDeletedProfile(tx: Queryable, userId: string): Promise<PublicUser | undefined> {
  const { rows } = await tx.query<ProfileRow>(
    `SELECT profile, version AS "profileVersion", false AS "hidesBio" FROM users_replica WHERE id = $1 AND deleted`,
    [userId],
  )
  return rows[0] && toShownProfile(rows[0])
}

const ownRows = [
  `UPDATE participants SET draft = NULL, draft_at = NULL, draft_device = NULL WHERE (conversation_id, user_id) IN (
  SELECT conversation_id, user_id FROM participants
  WHERE user_id = $1 AND (draft IS NOT NULL OR draft_device IS NOT NULL) LIMIT ${rowsAtOnce})`,
  `DELETE FROM group_invitations WHERE (conversation_id, user_id) IN (
  SELECT conversation_id, user_id FROM group_invitations WHERE user_id = $1 OR invited_by = $1 LIMIT ${rowsAtOnce})`,
  `DELETE FROM stranger_additions WHERE (user_id, conversation_id) IN (
  SELECT user_id, conversation_id FROM stranger_additions WHERE user_id = $1 LIMIT ${rowsAtOnce})`,
  `DELETE FROM stars WHERE (user_id, message_id) IN (
  SELECT user_id, message_id FROM stars WHERE user_id = $1 LIMIT ${rowsAtOnce})`,
  `DELETE FROM blocks WHERE (user_id, blocked_id) IN (
  SELECT user_id, blocked_id FROM blocks WHERE user_id = $1 LIMIT ${rowsAtOnce})`,
  `DELETE FROM blocks WHERE (user_id, blocked_id) IN (
  SELECT user_id, blocked_id FROM blocks WHERE blocked_id = $1 LIMIT ${rowsAtOnce})`,
]

/** Returns whether everything is deleted. */
async function deleteOwnRows({ pool }: WithPool, userId: string): Promise<boolean> {
  let isDone = true
  for (const statement of ownRows) {
    const { rowCount } = await pool.query(statement, [userId])
    if (rowCount === rowsAtOnce) isDone = false
  }
  return (await removeUnsentUploads(pool, userId)) && isDone
}
