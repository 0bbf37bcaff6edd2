import { type Actor, AppError } from '@finnigram/service-kit'
import { releaseAttachments } from '../attachments/removal/remove-unused.ts'
import type { MessagesContext } from '../context.ts'
import type { Change } from '../conversations/change-conversation.ts'
import { toMessage } from '../history/message-row.ts'
import { changeMessage } from './change-message.ts'
import { namePeople } from './name-people.ts'
import type { LockedMessage } from './require-message.ts'
import { requote } from './requote.ts'
import { rewriteEvents } from './rewrite-events.ts'

/** Deletes a message for everyone; what it said goes from history, from events and from the answers that quote it, and its files that no other message carries go. Again, it is done already. Throws `not_found` or `forbidden`. */
export async function deleteMessage(ctx: MessagesContext, actor: Actor, messageId: string): Promise<void> {
  for (;;) {
    const released = await changeMessage(ctx, { actor, messageId }, async (change, message) => {
      requireDeletable(change, message)
      if (message.deletedAt) return []
      if (!(await requote(change, { message, excerpt: '' }))) return undefined
      await bury(change, message)
      return message.attachments.map(({ id }) => id)
    })
    if (released) return releaseAttachments(ctx, released)
  }
}

function requireDeletable({ conversation, role, log }: Change, { senderId, kind }: LockedMessage): void {
  if (kind === 'system') throw new AppError('forbidden', { detail: 'A system message stays as it is' })
  const isManaged = conversation.kind === 'group' && role !== 'member'
  if (senderId !== log.actorId && !isManaged) {
    throw new AppError('forbidden', { detail: 'Only who wrote a message, owners and admins may delete it' })
  }
}

const update = `UPDATE messages SET version = $2, deleted_at = $3, text = NULL, reply_to = NULL, forward_of = NULL, attachments = '[]',
  mentions = '{}', mentions_all = false, reactions = '[]', has_link = false, text_versions = '{}', edited_at = NULL
WHERE id = $1`

const nothing = {
  text: null,
  replyTo: null,
  forwardOf: null,
  attachments: [],
  mentions: [],
  mentionsAll: false,
  reactions: [],
  editedAt: null,
}

/** Leaves a tombstone with its place and its author. */
async function bury({ tx, conversation, log }: Change, message: LockedMessage): Promise<void> {
  const { id, seq, textVersions } = message
  const version = log.emit('message.deleted', { id, seq })
  await namePeople(tx, message, [])
  await tx.query(update, [id, version, log.at])
  for (const table of ['pins', 'stars', 'attachment_uses']) {
    await tx.query(`DELETE FROM ${table} WHERE message_id = $1`, [id])
  }
  const tombstone = toMessage({ ...message, ...nothing, deletedAt: new Date(log.at) })
  await rewriteEvents(tx, conversation.id, [{ versions: textVersions, message: tombstone }])
}
