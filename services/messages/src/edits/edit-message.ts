import type { Message } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { Change } from '../conversations/change-conversation.ts'
import { requireUnblocked } from '../conversations/permissions.ts'
import type { WithLimits, WithPool, WithRelay } from '../deps.ts'
import { toReadMessage, withoutOlderQuote } from '../history/message-visibility.ts'
import { messageExcerpt } from '../sends/excerpt.ts'
import { consumeText } from '../text/consume-text.ts'
import { findMentioned, noMentions, readText } from '../text/find-mentioned.ts'
import { changeMessage, type LockedMessage, type ReadableMessage } from './change-message.ts'
import { replaceMentions } from './replace-mentions.ts'
import { storeEdits } from './store-edits.ts'
import { updateQuotes } from './update-quotes.ts'

/**
 * Changes the text of the caller's own message; the same text makes no event. An edited forward is
 * an ordinary message. Throws `not_found`, `forbidden`, `rate_limited`, or `conflict` for deleted
 * and system messages.
 */
export async function editMessage(
  ctx: WithPool & WithRelay & WithLimits,
  actor: Actor,
  { messageId, text }: { messageId: string; text: string },
): Promise<Message> {
  await consumeText(ctx, actor.userId, { texts: [text] })
  for (;;) {
    const message = await changeMessage(ctx, { actor, messageId }, async (change, before) => {
      await requireEditable(change, before)
      if (before.text === text) return toReadMessage(before)
      const excerpt = messageExcerpt({ ...before, text })
      const isExcerptChanged = excerpt !== messageExcerpt(before)
      if (isExcerptChanged && !(await updateQuotes(change, { message: before, excerpt }))) return undefined
      return edit(change, before, text)
    })
    if (message) return message
  }
}

async function requireEditable(change: Change, { senderId, kind, deletedAt }: LockedMessage): Promise<void> {
  if (senderId !== change.log.actorId) {
    throw new AppError('forbidden', { detail: 'Only who wrote a message may change it' })
  }
  if (kind === 'system') throw new AppError('conflict', { detail: 'A system message stays as it is' })
  if (deletedAt) throw new AppError('conflict', { detail: 'The message is deleted' })
  await requireUnblocked(change)
}

async function edit(change: Change, before: ReadableMessage, text: string): Promise<Message | undefined> {
  const { hasLink, usernames } = readText(text)
  const found = await findMentioned(change.tx, [{ ...before, usernames }])
  const { notified, ...mentioned } = found.get(0) ?? noMentions
  await replaceMentions(change.tx, before, notified)
  const changes = { text, ...mentioned, forwardOf: null, editedAt: new Date(change.log.at) }
  const [message] = await storeEdits(change, [{ before, changes, hasLink }])
  return message && withoutOlderQuote(message, before.joinedSeq)
}
