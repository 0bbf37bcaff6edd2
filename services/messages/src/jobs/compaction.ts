import { isOvertime, isUnavailable, pause } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { compactConversation } from './compact-conversation.ts'

export type CompactContext = Pick<MessagesContext, 'pool'> & {
  config: Pick<MessagesContext['config'], 'EVENTS_KEEP' | 'EVENTS_KEEP_DAYS'>
}

/** Conversations that one statement looks at. */
const page = 500
/** Before all ids. */
const nilId = '00000000-0000-0000-0000-000000000000'
/** Milliseconds between two pieces of work: the service has better things to do. */
const restMs = 50

/** The oldest event that is kept says whether there is anything to do. */
const select = `SELECT c.id, coalesce(first.at < $3, false) AS "isDue"
FROM (SELECT * FROM conversations WHERE id > $1 ORDER BY id LIMIT ${page}) c
LEFT JOIN LATERAL (
  SELECT (e.payload::json->>'at')::timestamptz AS at FROM conversation_events e
  WHERE c.version - c.compacted_version > $2 AND e.conversation_id = c.id AND e.version = c.compacted_version + 1
  OFFSET 0
) first ON true
ORDER BY c.id`

/**
 * Deletes the events that are older than `EVENTS_KEEP_DAYS`, except the last `EVENTS_KEEP` of each conversation, in small
 * pieces. Ends early when `signal` aborts or another node is at it. Returns how many events went.
 * A conversation that fails is passed over, and told of.
 */
export async function compactEvents(
  ctx: CompactContext,
  signal?: AbortSignal,
  onPassedOver: (conversationId: string, error: unknown) => void = () => {},
): Promise<number> {
  const before = new Date(Date.now() - ctx.config.EVENTS_KEEP_DAYS * 86_400_000)
  let count = 0
  for (let after = nilId; !signal?.aborted; ) {
    const { rows } = await ctx.pool.query<{ id: string; isDue: boolean }>({
      name: 'compact-page',
      text: select,
      values: [after, ctx.config.EVENTS_KEEP, before],
    })
    for (const { id } of rows.filter(({ isDue }) => isDue)) {
      try {
        for (let gone = 1; gone > 0 && !signal?.aborted; count += gone) {
          const done = await compactConversation(ctx.pool, { id, before, keep: ctx.config.EVENTS_KEEP })
          if (done === 'busy elsewhere') return count
          gone = done
          await pause(restMs, signal)
        }
      } catch (error) {
        if (isUnavailable(error) && !isOvertime(error)) throw error
        // It is tried again in an hour, and those after it need not wait for that.
        onPassedOver(id, error)
      }
    }
    if (rows.length < page) return count
    after = rows.at(-1)?.id ?? nilId
    await pause(restMs, signal)
  }
  return count
}
