import { type ConversationEvent, emptyEvent, type Message } from '@finnigram/contracts'
import type { Snapshot } from '../conversations/load-conversations.ts'

/** A message as it is now, and the earlier events that carry what it said. */
export interface Rewriting {
  versions: readonly number[]
  message: Message
}

/**
 * Takes what messages said before out of the events that told it, so that whoever catches up later never reads it. The
 * event by which a message came brings it as it is now; a change that another change has overtaken changes nothing.
 */
export async function rewriteEvents(
  tx: Snapshot,
  conversationId: string,
  rewritings: readonly Rewriting[],
): Promise<void> {
  const messages = new Map(
    rewritings.flatMap(({ versions, message }) => versions.map((one) => [one, message])),
  )
  if (messages.size === 0) return
  const { rows } = await tx.query<{ version: number; payload: string }>(
    'SELECT version, payload FROM conversation_events WHERE conversation_id = $1 AND version = ANY($2::int[])',
    [conversationId, [...messages.keys()]],
  )
  const rewritten = rows.flatMap(({ version, payload }) => {
    const message = messages.get(version)
    return message ? { version, payload: JSON.stringify(rewrite(JSON.parse(payload), message)) } : []
  })
  await tx.query(
    `UPDATE conversation_events e SET payload = r.payload
FROM unnest($2::int[], $3::text[]) AS r (version, payload)
WHERE e.conversation_id = $1 AND e.version = r.version`,
    [conversationId, rewritten.map(({ version }) => version), rewritten.map(({ payload }) => payload)],
  )
}

function rewrite(event: ConversationEvent, message: Message): ConversationEvent {
  if (event.type !== 'message.created') return emptyEvent(event)
  const { text, attachments, replyTo, forwardOf, mentions, mentionsAll, deletedAt } = message
  const content = { text, attachments, replyTo, forwardOf, mentions, mentionsAll, deletedAt }
  return { ...event, data: { message: { ...event.data.message, ...content } } }
}
