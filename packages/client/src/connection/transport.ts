import type { Message, NewMessage } from '@finnigram/contracts'
import type { Api } from '../api/create-api.ts'
import { isRefusal } from '../api/problems.ts'
import type { Realtime } from './reconnecting-socket.ts'

/** Calls that go over the socket while it is connected, which is quicker, else by REST. */
export interface Transport {
  /** The socket is connected: the server can be reached. */
  readonly isConnected: boolean
  sendMessage(conversationId: string, message: NewMessage): Promise<Message>
  mark(kind: 'read' | 'delivered', conversationId: string, seq: number): Promise<unknown>
}

/**
 * Milliseconds for which messages go by REST after a send over the socket failed: realtime may not
 * reach messages.
 */
const detourMs = 30_000

export function createTransport(api: Api, realtime: () => Realtime | null): Transport {
  const connected = () => {
    const current = realtime()
    return current?.state === 'ready' ? current : null
  }
  let detourUntil = 0
  return {
    get isConnected() {
      return connected() !== null
    },
    async sendMessage(conversationId, message) {
      const socket = connected()
      if (!socket || Date.now() < detourUntil) return api.sendMessage(conversationId, message)
      try {
        const reply = await socket.request('send', { ...message, conversationId })
        return reply.message
      } catch (error) {
        if (!isRefusal(error)) detourUntil = Date.now() + detourMs
        throw error
      }
    },
    mark(kind, conversationId, seq) {
      const socket = connected()
      if (socket) return socket.request(kind, { conversationId, seq })
      return kind === 'read' ? api.markRead(conversationId, seq) : api.markDelivered(conversationId, seq)
    },
  }
}
