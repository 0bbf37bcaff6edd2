import type { PublicUser } from '@finnigram/contracts'
import { z } from 'zod'
import { forgetUnsent } from '../attachments/removal/remove-unused.ts'
import type { MessagesContext } from '../context.ts'
import { withLockedConversation } from '../conversations/with-locked-conversation.ts'
import { queueJobs } from '../jobs/job-queue.ts'
import { appointHeir } from '../participants/appoint-heir.ts'
import { findRole } from '../participants/find-role.ts'
import { letOut } from '../participants/let-out.ts'
import { forgetProfiles } from './forget-profile.ts'
import { type ProfileRow, toShownProfile } from './shown-profile.ts'

type Sources = Pick<MessagesContext, 'pool' | 'relay' | 'log'>

/** Queues what follows when accounts have ended, in the transaction that takes their end into the copy of the profiles. */
export const queueEndings = (tx: Pick<MessagesContext['pool'], 'query'>, userIds: readonly string[]) =>
  queueJobs(tx, endAccountJob, userIds)

/** The kind of the job that `endAccount` does. */
export const endAccountJob = 'account.end'

const nilId = '00000000-0000-0000-0000-000000000000'
/** Groups of one piece: each is a transaction under the lock of its conversation. */
const groupsAtOnce = 20
/** Rows of one's own that one statement deletes. */
const rowsAtOnce = 500

/** How far a job has come. */
const Place = z.discriminatedUnion('step', [
  z.object({ step: z.literal('groups'), after: z.uuid() }),
  z.object({ step: z.literal('own') }),
  z.object({ step: z.literal('profile'), after: z.uuid() }),
  z.object({ step: z.literal('leftovers') }),
])
type Place = z.infer<typeof Place>

/**
 * Does the next piece of what follows when an account has ended. The person leaves their groups, of which another becomes
 * owner where they were the last. What was theirs alone goes, as does their profile from the events that told of them.
 * Direct conversations stay for the other. A group that cannot be left keeps nothing else from going: it is tried again last.
 */
export async function endAccount(
  sources: Sources,
  userId: string,
  place: unknown,
): Promise<{ place: Place } | 'done'> {
  const now: Place = place === null ? { step: 'groups', after: nilId } : Place.parse(place)
  switch (now.step) {
    case 'groups': {
      const { last } = await leaveGroups(sources, userId, now.after)
      return { place: last === undefined ? { step: 'own' } : { step: 'groups', after: last } }
    }
    case 'own': {
      const isDone = await forgetOwn(sources, userId)
      return { place: isDone ? { step: 'profile', after: nilId } : now }
    }
    case 'profile': {
      const after = await forgetProfiles(sources.pool, { userId, after: now.after })
      return { place: after === undefined ? { step: 'leftovers' } : { step: 'profile', after } }
    }
    case 'leftovers': {
      const { last, error } = await leaveGroups(sources, userId, nilId)
      if (error !== undefined) throw error
      return last === undefined ? 'done' : { place: now }
    }
  }
}

/** Leaves the next groups after one, by id. Answers the last of them, undefined where there was none, and why the first that could not be left could not. */
async function leaveGroups(
  sources: Sources,
  userId: string,
  after: string,
): Promise<{ last: string | undefined; error: unknown }> {
  const { rows } = await sources.pool.query<{ id: string }>({
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
      await leaveGroup(sources, { userId, conversationId })
    } catch (error) {
      sources.log.warn('A group could not be left yet', { conversationId, error })
      failed ??= error
    }
  }
  return { last: rows.at(-1)?.id, error: failed }
}

const leaveGroup = (
  sources: Sources,
  { userId, conversationId }: { userId: string; conversationId: string },
): Promise<void> =>
  withLockedConversation(sources, { actorId: userId, conversationId }, async (locked) => {
    const role = await findRole(locked.tx, { conversationId, userId })
    if (role === undefined) return
    if (role === 'owner') await appointHeir(locked, userId)
    await letOut(locked, userId, { user: await findDeleted(locked.tx, userId) })
  })

/**
 * Those who stay share no conversation with the person afterwards: the event tells them whose name
 * is no more.
 */
async function findDeleted(
  tx: Pick<MessagesContext['pool'], 'query'>,
  userId: string,
): Promise<PublicUser | undefined> {
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

/** Whether all of it is gone. */
async function forgetOwn({ pool }: Sources, userId: string): Promise<boolean> {
  let isDone = true
  for (const statement of ownRows) {
    const { rowCount } = await pool.query(statement, [userId])
    if (rowCount === rowsAtOnce) isDone = false
  }
  return (await forgetUnsent(pool, userId)) && isDone
}
