import type { RealtimeSocket } from '../connection.ts'

/** The WebSocket under a Socket.IO connection, as far as it is written to directly. */
export interface Wire {
  readonly readyState: number
  /** Bytes that wait for the network to take them. */
  readonly bufferedAmount: number
  terminate(): void
  /** How Socket.IO's own adapter writes a frame that was encoded before. */
  readonly _sender: { sendFrame(list: readonly Buffer[]): void }
}

/** Finds the WebSocket of a connection. Throws when Socket.IO is not built on `ws` any more. */
export function wireOf({ conn: { transport } }: RealtimeSocket): Wire {
  if ('socket' in transport && isWire(transport.socket)) return transport.socket
  throw new Error('The transport is not a WebSocket of ws')
}

export function isWire(socket: unknown): socket is Wire {
  return (
    typeof socket === 'object' &&
    socket !== null &&
    'bufferedAmount' in socket &&
    'terminate' in socket &&
    '_sender' in socket &&
    typeof socket._sender === 'object' &&
    socket._sender !== null &&
    'sendFrame' in socket._sender
  )
}
