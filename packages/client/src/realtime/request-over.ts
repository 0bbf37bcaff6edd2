import type { Ack, ClientEvent, ClientEventAck, ClientEventData } from '@finnigram/contracts'
import { ApiProblem, NetworkProblem } from '../api/problems.ts'
import type { ClientSocket } from './dial.ts'

export interface RequestOptions {
  timeoutMs?: number
  /** Dropped when the socket cannot take it at once: for what is worthless late. */
  volatile?: boolean
}

/** One acknowledged request over a connected socket. */
export function requestOver<E extends ClientEvent>(
  socket: ClientSocket,
  { event, data }: { event: E; data: ClientEventData[E] },
  { timeoutMs = 10_000, volatile = false }: RequestOptions,
): Promise<ClientEventAck[E]> {
  if (!socket.connected) return Promise.reject(new NetworkProblem('unreachable'))
  return new Promise((resolve, reject) => {
    const answered = (error: Error | null, reply: Ack<ClientEventAck[E]>) => {
      if (error) reject(new NetworkProblem('timeout', error))
      else if (reply.ok) resolve(reply)
      else reject(new ApiProblem(reply.error))
    }
    const limited = socket.timeout(timeoutMs)
    const emitter: { emit(event: string, ...args: unknown[]): unknown } = volatile
      ? limited.volatile
      : limited
    emitter.emit(event, data ?? {}, answered)
  })
}
