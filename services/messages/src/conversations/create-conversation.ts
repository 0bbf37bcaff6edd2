import type { Conversation, NewConversation } from '@finnigram/contracts'
import type { Actor } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { createDirect } from './create-direct.ts'
import { createGroup } from './create-group.ts'
import { getConversation } from './get-conversation.ts'

/** Starts a conversation: 201, or 200 with the direct conversation these two have already. */
export async function createConversation(
  ctx: MessagesContext,
  actor: Actor,
  wanted: NewConversation,
): Promise<{ status: 200 | 201; body: Conversation }> {
  const { id, isNew } =
    wanted.kind === 'direct'
      ? await createDirect(ctx, actor, wanted.userId)
      : await createGroup(ctx, actor, wanted)
  return { status: isNew ? 201 : 200, body: await getConversation(ctx, actor, id) }
}
