import type { messagesApi, RouteParams, RouteQuery, RouteReply } from '@finnigram/contracts'
import type { MessagesContext } from '../context.ts'

type Export = typeof messagesApi.exportStars

/** Stars of one page. */
const page = 1000

/** What a person starred, by message id; the messages themselves are theirs to read only where they still take part. */
export async function exportStars(
  { prisma }: MessagesContext,
  { userId, after }: RouteParams<Export> & RouteQuery<Export>,
): Promise<RouteReply<Export>> {
  const rows = await prisma.star.findMany({
    where: { userId, ...(after === undefined ? {} : { messageId: { gt: after } }) },
    orderBy: { messageId: 'asc' },
    take: page,
  })
  const items = rows.map(({ messageId, conversationId, starredAt }) => ({
    messageId,
    conversationId,
    starredAt: starredAt.toISOString(),
  }))
  return { items, nextAfter: items.length === page ? (items.at(-1)?.messageId ?? null) : null }
}
