import { type Actor, AppError } from '@finnigram/service-kit'
import { releaseAttachments } from '../attachments/removal/remove-unused.ts'
import type { WithFiles } from '../attachments/store/file-store.ts'
import type { Change } from '../conversations/change-conversation.ts'
import type { WithLog, WithPool, WithRelay } from '../deps.ts'
import { toMessage } from '../history/message-row.ts'
import { changeMessage, type LockedMessage } from './change-message.ts'
import { replaceMentions } from './replace-mentions.ts'
import { rewriteEvents } from './store-edits.ts'
import { updateQuotes } from './update-quotes.ts'

/**
 * Deletes a message for all participants, and leaves a tombstone. Its text leaves history, events
 * and quotes; its attachments are deleted unless another message carries them. Idempotent. Throws
 * `not_found` or `forbidden`.
 */
export async function deleteMessage(
  ctx: WithPool & WithRelay & WithFiles & WithLog,
  actor: Actor,
  messageId: string,
): Promise<void> {
  for (;;) {
    const released = await changeMessage(ctx, { actor, messageId }, async (change, message) => {
      requireDeletable(change, message)
      if (message.deletedAt) return []
      if (!(await updateQuotes(change, { message, excerpt: '' }))) return undefined
      await storeTombstone(change, message)
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

const emptyContent = {
  text: null,
  replyTo: null,
  forwardOf: null,
  attachments: [],
  mentions: [],
  mentionsAll: false,
  reactions: [],
  editedAt: null,
}

/** A tombstone keeps seq and sender. */
async function storeTombstone({ tx, conversation, log }: Change, message: LockedMessage): Promise<void> {
  const { id, seq, textVersions } = message
  const version = log.emit('message.deleted', { id, seq })
  await replaceMentions(tx, message, [])
  await tx.query(update, [id, version, log.at])
  for (const table of ['pins', 'stars', 'attachment_uses']) {
    await tx.query(`DELETE FROM ${table} WHERE message_id = $1`, [id])
  }
  const tombstone = toMessage({ ...message, ...emptyContent, deletedAt: new Date(log.at) })
  await rewriteEvents(tx, conversation.id, [{ versions: textVersions, message: tombstone }])
}
