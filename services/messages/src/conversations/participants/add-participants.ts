import type { Conversation } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { MessagesContext } from '../../context.ts'
import { additionLimit } from '../../limits.ts'
import { findPeopleFor, requirePeople } from '../../people/find-people.ts'
import { changeConversation } from '../change-conversation.ts'
import { getConversation } from '../get-conversation.ts'
import { countInvitations, invitePeople } from '../invitations/invite-people.ts'
import { type Consent, sortByConsent } from '../invitations/sort-by-consent.ts'
import { requireManagedGroup } from '../permissions.ts'
import { letIn, readNewcomers } from './add-member.ts'

/** People that a notice names; of more it tells the number. */
const named = 100

/**
 * Adds people to a group, or invites those who want to be asked; who takes part already stays as they are. Throws
 * `not_found`, `forbidden`, `conflict` when it would become too many or nobody of them can be asked now,
 * `rate_limited`, `validation_failed` for people who do not exist or are blocked either way.
 */
export async function addParticipants(
  ctx: MessagesContext,
  actor: Actor,
  { conversationId, userIds }: { conversationId: string; userIds: readonly string[] },
): Promise<Conversation> {
  const people = await findPeopleFor(ctx, actor.userId, userIds)
  await ctx.limits.consume(additionLimit, actor.userId, new Set(userIds).size)
  const scale = ctx.config.RATE_LIMIT_SCALE
  const consent = await changeConversation(ctx, { actor, conversationId }, async (change) => {
    if (change.conversation.kind === 'direct') {
      throw new AppError('conflict', { detail: 'A direct conversation stays between two; start a group' })
    }
    requireManagedGroup(change)
    requirePeople(people, userIds)
    const newcomers = await readNewcomers(change, userIds)
    const naming = { scale, actorId: actor.userId, conversationId, userIds: newcomers, named: userIds }
    const sorted = await sortByConsent(change.tx, naming)
    requireSomebody(sorted)
    await letIn(change, sorted.joining, (joined) => ({
      type: 'participants.added',
      userIds: joined.slice(0, named),
      count: joined.length,
    }))
    await invitePeople(change, { userIds: sorted.asked, scale })
    return sorted
  })
  countInvitations(ctx.metrics, 'sent', consent.asked.length)
  countInvitations(ctx.metrics, 'left_out', consent.leftOut.length)
  return getConversation(ctx, actor, conversationId)
}

/** A call that reaches nobody says so. */
function requireSomebody({ joining, asked, waiting, leftOut }: Consent): void {
  if (leftOut.length === 0 || joining.length + asked.length + waiting.length > 0) return
  throw new AppError('conflict', { detail: 'They cannot be invited to this group now' })
}
