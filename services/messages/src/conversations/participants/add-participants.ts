import type { Conversation } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { WithConfig, WithLimits, WithMetrics, WithPool, WithPrisma, WithRelay } from '../../deps.ts'
import { additionLimit } from '../../limits.ts'
import type { WithProfileCopyWaiter } from '../../people/await-profile-copy.ts'
import { findPeopleFor, requirePeople } from '../../people/find-people.ts'
import { changeConversation } from '../change-conversation.ts'
import { getConversation } from '../get-conversation.ts'
import { countInvitations, invitePeople } from '../invitations/invite-people.ts'
import { type Consent, partitionByConsent } from '../invitations/partition-by-consent.ts'
import { requireManagedGroup } from '../permissions.ts'
import { addMembers, excludeMembers } from './add-member.ts'

/** User ids in the system message; of more people it has only the count. */
const namedInMessage = 100

/**
 * Adds people to a group, and invites those who want to be asked first. Participants stay as they
 * are. Throws `not_found`, `forbidden`, `rate_limited`, `conflict` for too many people or when none
 * of them may be invited now, `validation_failed` for people who do not exist or are blocked either
 * way.
 */
export async function addParticipants(
  ctx: WithPool &
    WithPrisma &
    WithRelay &
    WithLimits &
    WithMetrics &
    WithConfig<'RATE_LIMIT_SCALE'> &
    WithProfileCopyWaiter,
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
    const newIds = await excludeMembers(change, userIds)
    const by = { scale, actorId: actor.userId, conversationId }
    const sorted = await partitionByConsent(change.tx, { ...by, userIds: newIds, requestedIds: userIds })
    requireEffect(sorted)
    await addMembers(change, sorted.joining, (joined) => ({
      type: 'participants.added',
      userIds: joined.slice(0, namedInMessage),
      count: joined.length,
    }))
    await invitePeople(change, { userIds: sorted.asked, scale })
    return sorted
  })
  countInvitations(ctx.metrics, 'sent', consent.asked.length)
  countInvitations(ctx.metrics, 'left_out', consent.leftOut.length)
  return getConversation(ctx, actor, conversationId)
}

/** A call that adds and invites nobody is an error. */
function requireEffect({ joining, asked, waiting, leftOut }: Consent): void {
  if (leftOut.length === 0 || joining.length + asked.length + waiting.length > 0) return
  throw new AppError('conflict', { detail: 'They cannot be invited to this group now' })
}
