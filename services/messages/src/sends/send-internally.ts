import type { messagesApi, RouteBody } from '@finnigram/contracts'
import type { JsonText } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { acceptSend } from './accept-send.ts'
import { settleSends } from './settle-sends.ts'

type Batch = RouteBody<typeof messagesApi.internalSends>

/** Sends what realtime nodes took over their sockets; they vouch for the senders, who have the same limit as over REST. */
export function sendInternally(
  ctx: MessagesContext,
  { sends, requestId }: Batch & { requestId: string },
): Promise<JsonText> {
  const sendOne = (send: Batch['sends'][number]) =>
    acceptSend(ctx, { ...send, requestId: send.requestId ?? requestId })
  return settleSends(
    ctx,
    'results',
    sends.map((send) => ({ sent: sendOne(send), requestId: send.requestId ?? requestId })),
  )
}
