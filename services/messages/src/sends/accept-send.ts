import type { MessagesContext } from '../context.ts'
import { sendLimit } from '../limits.ts'
import { consumeText, noteText } from '../text/consume-text.ts'
import type { NewSend, Sent } from './new-send.ts'

/** Stores a message within the limits of its sender, whichever way it came. Throws `rate_limited` and what `SendBatcher.send` does. */
export async function acceptSend(
  ctx: Pick<MessagesContext, 'limits' | 'sends'>,
  send: NewSend,
): Promise<Sent> {
  const { senderId, text, forwardOf } = send
  await ctx.limits.consume(sendLimit, senderId)
  await consumeText(ctx, senderId, { texts: [text] })
  const sent = await ctx.sends.send(send)
  // How much is forwarded is known only now.
  if (forwardOf !== undefined) await noteText(ctx, senderId, sent.message)
  return sent
}
