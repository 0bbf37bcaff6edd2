import type { Ack, ClientEvent, ClientEventAck, ClientEventData } from '@finnigram/contracts'
import { ApiProblem, NetworkProblem } from '../api/problems.ts'
import type { Link } from './socket-link.ts'

export interface RequestOptions {
  timeoutMs?: number
  /** Dropped when the socket cannot take it at once: for what is worthless late. */
  volatile?: boolean
}

/**
 * One acknowledged request over a connected socket. Rejects as soon as that is gone: Socket.IO keeps back what is asked
 * of a socket that it finds dead at this moment, as after a sleep, for a reconnection that is never to come.
 */
export function requestOver<E extends ClientEvent>(
  { socket, lost }: Pick<Link, 'socket' | 'lost'>,
  { event, data }: { event: E; data: ClientEventData[E] },
  { timeoutMs = 10_000, volatile = false }: RequestOptions,
): Promise<ClientEventAck[E]> {
  if (!socket.connected) return Promise.reject(new NetworkProblem('unreachable'))
  return new Promise((resolve, reject) => {
    const onLost = () => reject(new NetworkProblem('unreachable'))
    lost.addEventListener('abort', onLost)
    const answered = (error: Error | null, reply: Ack<ClientEventAck[E]>) => {
      lost.removeEventListener('abort', onLost)
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
