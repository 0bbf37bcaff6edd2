import type { Conversation } from '@finnigram/contracts'
import { avatarVersion } from '@finnigram/images'
import type { Actor } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { changeConversation } from './change-conversation.ts'
import { getConversation } from './get-conversation.ts'
import { requireGroupManager } from './require-group-manager.ts'
import { requireManagedGroup } from './permissions.ts'
import { storeAvatar } from './store-avatar.ts'

/** Gives a group a picture, cut square; the same picture again makes no event. Throws `not_found`, `forbidden`, `unsupported_media_type` for what is no picture that is safe to open, or `unavailable` when too many wait. */
export async function putAvatar(
  ctx: MessagesContext,
  actor: Actor,
  { conversationId, bytes }: { conversationId: string; bytes: Uint8Array },
): Promise<Conversation> {
  // Asked before the work on the picture, and again in the transaction that stores it.
  await requireGroupManager(ctx, actor, conversationId)
  const avatar = await ctx.pictures.cutAvatar(actor.userId, bytes)
  await changeConversation(ctx, { actor, conversationId }, async (change) => {
    requireManagedGroup(change)
    const avatarUrl = `/v1/conversations/${conversationId}/avatar?v=${avatarVersion(avatar.etag)}`
    if (change.conversation.avatarUrl === avatarUrl) return
    await storeAvatar(change, { avatarUrl, ...avatar })
  })
  return getConversation(ctx, actor, conversationId)
}
