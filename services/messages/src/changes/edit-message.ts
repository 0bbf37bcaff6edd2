import type { Message } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import type { Change } from '../conversations/change-conversation.ts'
import { toReadMessage, withoutOlderQuote } from '../history/to-read-message.ts'
import { messageExcerpt } from '../sends/excerpt.ts'
import { consumeText } from '../text/consume-text.ts'
import { findMentioned, nobody, readText } from '../text/find-mentioned.ts'
import { changeMessage } from './change-message.ts'
import { namePeople } from './name-people.ts'
import type { LockedMessage, ReadableMessage } from './require-message.ts'
import { requireUnblocked } from './require-unblocked.ts'
import { requote } from './requote.ts'
import { tellEdited } from './tell-edited.ts'

/**
 * Changes the text of the caller's own message; the same text makes no event. A forward that says something else is none
 * any more. Throws `not_found`, `forbidden`, `rate_limited`, or `conflict` for deleted and system messages.
 */
export async function editMessage(
  ctx: MessagesContext,
  actor: Actor,
  { messageId, text }: { messageId: string; text: string },
): Promise<Message> {
  await consumeText(ctx, actor.userId, { texts: [text] })
  for (;;) {
    const message = await changeMessage(ctx, { actor, messageId }, async (change, before) => {
      await requireEditable(change, before)
      if (before.text === text) return toReadMessage(before)
      const excerpt = messageExcerpt({ ...before, text })
      const isSaidOtherwise = excerpt !== messageExcerpt(before)
      if (isSaidOtherwise && !(await requote(change, { message: before, excerpt }))) return undefined
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
  const { told, ...mentioned } = found.get(0) ?? nobody
  await namePeople(change.tx, before, told)
  const changes = { text, ...mentioned, forwardOf: null, editedAt: new Date(change.log.at) }
  const [message] = await tellEdited(change, [{ before, changes, hasLink }])
  return message && withoutOlderQuote(message, before.joinedSeq)
}
