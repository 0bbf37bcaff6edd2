import type { ServerEventData } from '@finnigram/contracts'
import type { RealtimeSocket } from '../connection.ts'
import type { RealtimeContext } from '../context.ts'
import { conversationRoom } from '../wire/rooms.ts'
import { socketsIn } from '../wire/emit-to-room.ts'

type Typing = ServerEventData['typing']

/** What took longer to find out whether it may be told is not worth telling. */
const freshMs = 3000

/**
 * To everyone of the conversation but the writer's own devices. Between two people it may be a direct conversation: then
 * it is told only if neither has blocked the other. In a group they go on to share, more than one hears of it.
 */
export function tellTyping(ctx: RealtimeContext, typing: Typing): void {
  const only = onlyHearer(socketsIn(ctx.io, conversationRoom(typing.conversationId)), typing.userId)
  if (only === undefined) {
    ctx.typing.add(typing)
    return
  }
  const startedAt = performance.now()
  const tellIfAllowed = async () => {
    const isAllowed = await ctx.presence.mayNotice(only, typing.userId)
    if (isAllowed && performance.now() - startedAt < freshMs) ctx.typing.add(typing)
  }
  void tellIfAllowed()
}

/** The one person besides the writer who is here; undefined when there are more, or none. */
function onlyHearer(sockets: readonly RealtimeSocket[], writerId: string): string | undefined {
  let found: string | undefined
  for (const { data } of sockets) {
    if (data.userId === writerId || data.userId === found) continue
    if (found !== undefined) return undefined
    found = data.userId
  }
  return found
}
