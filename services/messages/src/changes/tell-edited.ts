import type { Aside, Message } from '@finnigram/contracts'
import type { Change } from '../conversations/change-conversation.ts'
import { toMessage } from '../history/message-row.ts'
import { findLaterComers } from './find-later-comers.ts'
import type { LockedMessage } from './require-message.ts'
import { rewriteEvents } from './rewrite-events.ts'

/** A message before, and what is different about it now. */
export interface Edit {
  before: LockedMessage
  changes: Partial<LockedMessage>
}

const update = `UPDATE messages m SET version = e.version, text = e.text, reply_to = e.reply_to::jsonb, forward_of = e.forward_of, mentions = e.mentions,
  mentions_all = e.mentions_all, has_link = coalesce(e.has_link, m.has_link), edited_at = e.edited_at, text_versions = e.text_versions
FROM jsonb_to_recordset($1) AS e (
  id uuid, version int, text text, reply_to jsonb, forward_of uuid, mentions uuid[], mentions_all boolean, has_link boolean,
  edited_at timestamptz, text_versions int[]
)
WHERE m.id = e.id`

/** Who came after a message may not read it; who came after what it quotes may not read that. */
function hiddenOf({ seq, replyTo }: Message, laterThan: (seq: number) => string[]): Aside {
  const withheldFrom = laterThan(seq)
  const unquotedFor = replyTo?.excerpt ? laterThan(replyTo.seq) : []
  return {
    ...(withheldFrom.length > 0 && { withheldFrom }),
    ...(unquotedFor.length > 0 && { unquotedFor }),
  }
}

/** Stores messages that read differently from now on, tells a `message.edited` of each, and takes what they said before out of earlier events. Returns them as they are now. */
export async function tellEdited(
  { tx, conversation, log }: Pick<Change, 'tx' | 'conversation' | 'log'>,
  edits: readonly (Edit & { hasLink?: boolean })[],
): Promise<Message[]> {
  const seqs = edits.flatMap(({ before: { seq, replyTo } }) => (replyTo ? [seq, replyTo.seq] : [seq]))
  const laterThan = await findLaterComers(tx, conversation.id, seqs)
  const edited = edits.map(({ before, changes, hasLink }) => {
    const version = log.version + 1
    const message = toMessage({ ...before, ...changes, version })
    log.emit('message.edited', { message }, hiddenOf(message, laterThan))
    const textVersions = [...before.textVersions.slice(0, 1), version]
    return { message, hasLink, textVersions, stale: before.textVersions }
  })
  if (edited.length === 0) return []
  const rows = edited.map(({ message, hasLink, textVersions }) => ({
    id: message.id,
    version: message.version,
    text: message.text,
    reply_to: message.replyTo,
    forward_of: message.forwardOf,
    mentions: message.mentions,
    mentions_all: message.mentionsAll,
    has_link: hasLink,
    edited_at: message.editedAt,
    text_versions: textVersions,
  }))
  await tx.query(update, [JSON.stringify(rows)])
  const rewritings = edited.map(({ message, stale }) => ({ versions: stale, message }))
  await rewriteEvents(tx, conversation.id, rewritings)
  return edited.map(({ message }) => message)
}
