import type { Conversation } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { changeConversation } from '../conversations/change-conversation.ts'
import { getConversation } from '../conversations/get-conversation.ts'
import { requireManagedGroup } from '../conversations/require-managed-group.ts'
import { findPeopleFor } from '../people/find-people.ts'
import { requirePeople } from '../people/require-people.ts'
import { letIn } from './let-in.ts'

/** People that a notice names; of more it tells the number. */
const named = 100

/** Adds people to a group; who takes part already stays as they are. Throws `not_found`, `forbidden`, `conflict` when it would become too many, `validation_failed` for people who do not exist or are blocked either way. */
export async function addParticipants(
  ctx: MessagesContext,
  actor: Actor,
  { conversationId, userIds }: { conversationId: string; userIds: readonly string[] },
): Promise<Conversation> {
  const people = await findPeopleFor(ctx, actor.userId, userIds)
  await changeConversation(ctx, { actor, conversationId }, async (change) => {
    if (change.conversation.kind === 'direct') {
      throw new AppError('conflict', { detail: 'A direct conversation stays between two; start a group' })
    }
    requireManagedGroup(change)
    requirePeople(people, userIds)
    await letIn(change, userIds, (newcomers) => ({
      type: 'participants.added',
      userIds: newcomers.slice(0, named),
      count: newcomers.length,
    }))
  })
  return getConversation(ctx, actor, conversationId)
}
