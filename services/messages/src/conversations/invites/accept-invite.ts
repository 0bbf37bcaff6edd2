import type { Conversation, InvitePreview, messagesApi, RouteQuery } from '@finnigram/contracts'
import { type Actor, AppError, type FileBody } from '@finnigram/service-kit'
import type { Queryable, WithPool, WithPrisma, WithRelay } from '../../deps.ts'
import type { WithProfileCopyWaiter } from '../../people/await-profile-copy.ts'
import { findPeople, requireSelf } from '../../people/find-people.ts'
import { loadAvatar } from '../avatars.ts'
import { withLockedConversation } from '../change-conversation.ts'
import { getConversation } from '../get-conversation.ts'
import { addMembers } from '../participants/add-member.ts'
import { isUsable } from './manage-invites.ts'

/**
 * Joins a group by an invite; for a participant nothing changes and no use is counted. Uses are
 * counted under the lock of the group, so an invite is never used too often. Throws `not_found`,
 * `gone`, `removed_from_group`, or `conflict` when the group is full.
 */
export async function acceptInvite(
  ctx: WithPool & WithPrisma & WithRelay & WithProfileCopyWaiter,
  actor: Actor,
  code: string,
): Promise<Conversation> {
  const reader = { code, userId: actor.userId }
  const { conversationId, isParticipant } = await findInvite(ctx.pool, reader)
  if (!isParticipant) {
    requireSelf(await findPeople(ctx, [actor.userId]), actor.userId)
    await withLockedConversation(ctx, { actorId: actor.userId, conversationId }, async (locked) => {
      const invite = await findInvite(locked.tx, reader)
      if (invite.isParticipant) return
      await locked.tx.query('UPDATE invites SET uses = uses + 1 WHERE code = $1', [code])
      await addMembers(locked, [actor.userId], () => ({ type: 'participant.joined' }))
    })
  }
  return getConversation(ctx, actor, conversationId)
}

/** A preview of the group of an invite. Throws `not_found`, `removed_from_group` or `gone`. */
export async function getInvite({ pool }: WithPool, actor: Actor, code: string): Promise<InvitePreview> {
  const found = await findInvite(pool, { code, userId: actor.userId })
  const version = found.avatarUrl?.split('?')[1]
  return {
    code,
    title: found.title,
    description: found.description,
    avatarUrl: version === undefined ? null : `/v1/invites/${code}/avatar?${version}`,
    participantCount: found.participantCount,
    conversationId: found.isParticipant ? found.conversationId : null,
  }
}

/** The avatar of the group of an invite. Throws `not_found`, `removed_from_group` or `gone`. */
export async function getInviteAvatar(
  ctx: WithPool,
  actor: Actor,
  { code, ...query }: { code: string } & RouteQuery<typeof messagesApi.getInviteAvatar>,
): Promise<FileBody> {
  const { conversationId } = await findInvite(ctx.pool, { code, userId: actor.userId })
  return loadAvatar(ctx, { conversationId, ...query })
}

/** The group of an invite, as the reader stands to it. */
interface FoundInvite {
  conversationId: string
  title: string
  description: string | null
  avatarUrl: string | null
  participantCount: number
  isParticipant: boolean
  /** The reader was removed by somebody else. */
  wasRemoved: boolean
  isUsable: boolean
}

/** An invite to an empty group is not usable. */
const select = `SELECT i.conversation_id AS "conversationId", coalesce(c.title, '') AS title, c.description,
  c.avatar_url AS "avatarUrl", c.participant_count AS "participantCount", p.user_id IS NOT NULL AND p.left_version IS NULL AS "isParticipant",
  coalesce(p.was_removed AND p.left_version IS NOT NULL, false) AS "wasRemoved",
  ${isUsable} AND c.participant_count > 0 AS "isUsable"
FROM invites i JOIN conversations c ON c.id = i.conversation_id
LEFT JOIN participants p ON p.conversation_id = c.id AND p.user_id = $2
WHERE i.code = $1`

/**
 * The group of a code; for a participant also when the invite is no longer usable. Throws
 * `not_found`, `removed_from_group` for a person whom somebody removed, or `gone` for an invite
 * that is expired, used up or revoked.
 */
async function findInvite(
  tx: Queryable,
  { code, userId }: { code: string; userId: string },
): Promise<FoundInvite> {
  const { rows } = await tx.query<FoundInvite>({ name: 'find-invite', text: select, values: [code, userId] })
  const [found] = rows
  if (!found) throw new AppError('not_found')
  if (found.wasRemoved) throw new AppError('removed_from_group')
  if (!found.isUsable && !found.isParticipant)
    throw new AppError('gone', { detail: 'This invite can no longer be used' })
  return found
}
