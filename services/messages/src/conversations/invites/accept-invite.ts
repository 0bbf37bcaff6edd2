import type { Conversation, InvitePreview, messagesApi, RouteQuery } from '@finnigram/contracts'
import type { Actor, FileBody } from '@finnigram/service-kit'
import { AppError } from '@finnigram/service-kit'
import type { MessagesContext } from '../../context.ts'
import { findPeople, requireSelf } from '../../people/find-people.ts'
import { loadAvatar } from '../avatars.ts'
import { withLockedConversation } from '../change-conversation.ts'
import { getConversation } from '../get-conversation.ts'
import type { Snapshot } from '../load-conversations.ts'
import { letIn } from '../participants/add-member.ts'
import { isUsable } from './manage-invites.ts'

/**
 * Joins a group by an invite; who takes part already joins nothing, and uses nothing up. Everyone who joins holds the
 * group's lock, so an invite is never used more often than it may. Throws `not_found`, `gone`, `removed_from_group`, or `conflict` when the
 * group is full.
 */
export async function acceptInvite(ctx: MessagesContext, actor: Actor, code: string): Promise<Conversation> {
  const asked = { code, userId: actor.userId }
  const { conversationId, isInside } = await findInvite(ctx.pool, asked)
  if (!isInside) {
    requireSelf(await findPeople(ctx, [actor.userId]), actor.userId)
    await withLockedConversation(ctx, { actorId: actor.userId, conversationId }, async (locked) => {
      const invite = await findInvite(locked.tx, asked)
      if (invite.isInside) return
      await locked.tx.query('UPDATE invites SET uses = uses + 1 WHERE code = $1', [code])
      await letIn(locked, [actor.userId], () => ({ type: 'participant.joined' }))
    })
  }
  return getConversation(ctx, actor, conversationId)
}

/** What an invite leads to. Throws `not_found` or `gone`. */
export async function getInvite(
  { pool }: MessagesContext,
  actor: Actor,
  code: string,
): Promise<InvitePreview> {
  const found = await findInvite(pool, { code, userId: actor.userId })
  const version = found.avatarUrl?.split('?')[1]
  return {
    code,
    title: found.title,
    description: found.description,
    avatarUrl: version === undefined ? null : `/v1/invites/${code}/avatar?${version}`,
    participantCount: found.participantCount,
    conversationId: found.isInside ? found.conversationId : null,
  }
}

/** The picture of the group an invite leads to. Throws `not_found` or `gone`. */
export async function getInviteAvatar(
  ctx: MessagesContext,
  actor: Actor,
  { code, ...query }: { code: string } & RouteQuery<typeof messagesApi.getInviteAvatar>,
): Promise<FileBody> {
  const { conversationId } = await findInvite(ctx.pool, { code, userId: actor.userId })
  return loadAvatar(ctx, { conversationId, ...query })
}

/** The group an invite leads to, and whether the reader is there already. */
interface FoundInvite {
  conversationId: string
  title: string
  description: string | null
  avatarUrl: string | null
  participantCount: number
  isInside: boolean
  /** Somebody else ended the reader's part in it. */
  wasRemoved: boolean
  isUsable: boolean
}

/** A group that everyone has left has nobody to be invited to. */
const select = `SELECT i.conversation_id AS "conversationId", coalesce(c.title, '') AS title, c.description,
  c.avatar_url AS "avatarUrl", c.participant_count AS "participantCount", p.user_id IS NOT NULL AND p.left_version IS NULL AS "isInside",
  coalesce(p.was_removed AND p.left_version IS NOT NULL, false) AS "wasRemoved",
  ${isUsable} AND c.participant_count > 0 AS "isUsable"
FROM invites i JOIN conversations c ON c.id = i.conversation_id
LEFT JOIN participants p ON p.conversation_id = c.id AND p.user_id = $2
WHERE i.code = $1`

/** What a code leads to: for whoever is there already, even when it can no longer be used. Throws `not_found`, `removed_from_group` for who was removed by somebody else, or `gone` for an invite that has expired, is used up or was revoked. */
async function findInvite(
  tx: Snapshot,
  { code, userId }: { code: string; userId: string },
): Promise<FoundInvite> {
  const { rows } = await tx.query<FoundInvite>({ name: 'find-invite', text: select, values: [code, userId] })
  const [found] = rows
  if (!found) throw new AppError('not_found')
  if (found.wasRemoved) throw new AppError('removed_from_group')
  if (!found.isUsable && !found.isInside)
    throw new AppError('gone', { detail: 'This invite can no longer be used' })
  return found
}
