import type { Change } from '../conversations/change-conversation.ts'
import { messageColumns } from '../history/message-row.ts'
import type { LockedMessage } from './change-message.ts'
import { storeEdits } from './store-edits.ts'

/** Replies that change in one transaction. */
const atOnce = 500
/**
 * Newest replies whose quote follows an edit; older ones lose it, which bounds the work of repeated
 * edits.
 */
const mostFollowing = 100

const select = `SELECT ${messageColumns}, m.text_versions AS "textVersions" FROM messages m
WHERE m.reply_to->>'id' = $1 AND m.reply_to->>'excerpt' <> ''
ORDER BY m.seq DESC OFFSET $2 LIMIT $3`

/**
 * Updates the quotes of a message in replies to `excerpt`, or to nothing ('') before a deletion.
 * Returns false when there are more replies than one transaction should change. Then commit and
 * call again, before the message itself changes.
 */
export async function updateQuotes(
  change: Change,
  { message, excerpt }: { message: LockedMessage; excerpt: string },
): Promise<boolean> {
  const following = excerpt === '' ? 0 : mostFollowing
  const unquoted = await readReplies(change, { message, offset: following, limit: atOnce })
  await quote(change, unquoted, '')
  if (unquoted.length === atOnce) return false
  if (following > 0) {
    const replies = await readReplies(change, { message, offset: 0, limit: following })
    await quote(change, replies, excerpt)
  }
  return true
}

async function readReplies(
  { tx }: Change,
  { message, offset, limit }: { message: LockedMessage; offset: number; limit: number },
): Promise<LockedMessage[]> {
  const { rows } = await tx.query<LockedMessage>(select, [message.id, offset, limit])
  return rows
}

async function quote(change: Change, replies: readonly LockedMessage[], excerpt: string): Promise<void> {
  const stale = replies.flatMap((before) =>
    before.replyTo && before.replyTo.excerpt !== excerpt
      ? { before, changes: { replyTo: { ...before.replyTo, excerpt } } }
      : [],
  )
  await storeEdits(change, stale)
}
