import type { Conversation } from '@finnigram/contracts'
import { toAvatar, UnreadableImage } from '@finnigram/images'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { changeConversation } from './change-conversation.ts'
import { getConversation } from './get-conversation.ts'
import { requireGroupManager } from './require-group-manager.ts'
import { requireManagedGroup } from './require-managed-group.ts'
import { storeAvatar } from './store-avatar.ts'

/** Gives a group a picture, cut square; the same picture again makes no event. Throws `not_found`, `forbidden`, or `unsupported_media_type` for what is no picture. */
export async function putAvatar(
  ctx: MessagesContext,
  actor: Actor,
  { conversationId, bytes }: { conversationId: string; bytes: Uint8Array },
): Promise<Conversation> {
  // Asked before the work on the picture, and again in the transaction that stores it.
  await requireGroupManager(ctx, actor, conversationId)
  const avatar = await toAvatar(bytes).catch((cause: unknown) => {
    if (cause instanceof UnreadableImage)
      throw new AppError('unsupported_media_type', { detail: cause.message, cause })
    throw cause
  })
  await changeConversation(ctx, { actor, conversationId }, async (change) => {
    requireManagedGroup(change)
    const avatarUrl = `/v1/conversations/${conversationId}/avatar?v=${avatar.etag.slice(0, 12)}`
    if (change.conversation.avatarUrl === avatarUrl) return
    await storeAvatar(change, { avatarUrl, ...avatar })
  })
  return getConversation(ctx, actor, conversationId)
}
