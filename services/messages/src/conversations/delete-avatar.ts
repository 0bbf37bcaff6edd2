import type { Actor } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { changeConversation } from './change-conversation.ts'
import { requireManagedGroup } from './permissions.ts'
import { storeAvatar } from './store-avatar.ts'

/** Takes a group's picture away; without one nothing happens. Throws `not_found` or `forbidden`. */
export const deleteAvatar = (ctx: MessagesContext, actor: Actor, conversationId: string): Promise<void> =>
  changeConversation(ctx, { actor, conversationId }, async (change) => {
    requireManagedGroup(change)
    if (change.conversation.avatarUrl === null) return
    await storeAvatar(change, { avatarUrl: null, etag: '', pictures: [] })
  })
