import type { ClientEventAck, ClientEventData } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import type { RealtimeContext } from '../context.ts'
import type { Asked } from './handlers.ts'
import { raiseProblem } from './raise-problem.ts'

/** Sending the same `id` again is safe: the reply is the message first stored under it. Answered after its commit. */
export async function sendMessage(
  { send }: RealtimeContext,
  { socket, requestId }: Asked,
  data: ClientEventData['send'],
): Promise<ClientEventAck['send']> {
  const { message, error } = await send({ ...data, senderId: socket.data.userId, requestId })
  if (error) raiseProblem(error)
  if (message) return { message }
  throw new AppError('internal', { cause: new Error('The messages service gave neither message nor error') })
}
