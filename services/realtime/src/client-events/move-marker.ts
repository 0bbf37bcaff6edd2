import type { RealtimeContext } from '../context.ts'
import type { Asked } from './handlers.ts'
import { raiseProblem } from './raise-problem.ts'

interface Move {
  conversationId: string
  seq: number
  kind: 'read' | 'delivered'
}

/** Markers only move forward: of moves that wait for each other, the furthest stands for all. */
export async function moveMarker(
  ctx: RealtimeContext,
  { socket }: Asked,
  move: Move,
): Promise<Record<string, never>> {
  const { userId, sessionId } = socket.data
  const { error } = await ctx.moveMarker({ ...move, userId })
  if (error) raiseProblem(error)
  ctx.push.acknowledgements.note({ conversationId: move.conversationId, sessionId, seq: move.seq })
  return {}
}
