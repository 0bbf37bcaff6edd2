import type { Change } from '../conversations/change-conversation.ts'
import { messageColumns } from '../history/message-row.ts'
import type { LockedMessage } from './change-message.ts'
import { tellEdited } from './store-edits.ts'

/** Answers that change in one transaction at most. */
const atOnce = 500
/** The newest answers follow an edit; older ones stop quoting, so that an edit's work has a bound however often it comes. */
const mostFollowing = 100

const select = `SELECT ${messageColumns}, m.text_versions AS "textVersions" FROM messages m
WHERE m.reply_to->>'id' = $1 AND m.reply_to->>'excerpt' <> ''
ORDER BY m.seq DESC OFFSET $2 LIMIT $3`

/**
 * Changes what answers quote of a message that is about to say `excerpt`, or nothing ('') when it is about to go. False
 * when there are more answers than one transaction should change: commit, and call again before the message changes.
 */
export async function requote(
  change: Change,
  { message, excerpt }: { message: LockedMessage; excerpt: string },
): Promise<boolean> {
  const following = excerpt === '' ? 0 : mostFollowing
  const silenced = await readAnswers(change, { message, offset: following, limit: atOnce })
  await quote(change, silenced, '')
  if (silenced.length === atOnce) return false
  if (following > 0) {
    const answers = await readAnswers(change, { message, offset: 0, limit: following })
    await quote(change, answers, excerpt)
  }
  return true
}

async function readAnswers(
  { tx }: Change,
  { message, offset, limit }: { message: LockedMessage; offset: number; limit: number },
): Promise<LockedMessage[]> {
  const { rows } = await tx.query<LockedMessage>(select, [message.id, offset, limit])
  return rows
}

async function quote(change: Change, answers: readonly LockedMessage[], excerpt: string): Promise<void> {
  const stale = answers.flatMap((before) =>
    before.replyTo && before.replyTo.excerpt !== excerpt
      ? { before, changes: { replyTo: { ...before.replyTo, excerpt } } }
      : [],
  )
  await tellEdited(change, stale)
}
