import type { ClientToServer, ServerToClient } from '@finnigram/contracts'
import type { Server, Socket } from 'socket.io'
import type { RawWebSocket } from './wire/socket-internals.ts'

type NothingBetweenServers = Record<string, never>

export type RealtimeServer = Server<ClientToServer, ServerToClient, NothingBetweenServers, Connection>
export type RealtimeSocket = Socket<ClientToServer, ServerToClient, NothingBetweenServers, Connection>

/** The version of a conversation's beginning. */
export const firstVersion = 1

/** A person joined or left a conversation; `version` is that event's. */
export interface MembershipChange {
  readonly conversationId: string
  readonly version: number
  readonly isMember: boolean
}

/** State of one socket. One flat object, because a node has thousands that do nothing. */
export interface Connection {
  readonly userId: string
  readonly sessionId: string
  /** Milliseconds since 1970; later with every fresh token. */
  tokenEndsAt: number
  webSocket: RawWebSocket | null
  /** Membership changes that arrive while rooms are being joined; null afterwards. */
  joining: MembershipChange[] | null
  /**
   * Version at which the person joined, for conversations joined after their start. Older events
   * are not theirs.
   */
  joinedVersions: Map<string, number> | null
  /** Tokens left in the bucket of events that this socket may send, as of `allowanceAt`. */
  allowance: number
  allowanceAt: number
  /** Events refused in a row. */
  refused: number
  /** Since when too many bytes wait for it; 0 while they do not. */
  slowSince: number
  /** It was closed by backpressure. */
  wasTooSlow: boolean
  typingIn: string
  typingAt: number
  isAway: boolean
  /** People whose presence it watches, visible or not; null for none. */
  watched: Set<string> | null
}

export function newConnection(who: { userId: string; sessionId: string; expiresAt: number }): Connection {
  return {
    userId: who.userId,
    sessionId: who.sessionId,
    tokenEndsAt: who.expiresAt,
    webSocket: null,
    joining: [],
    joinedVersions: null,
    // A full bucket, whatever its size.
    allowance: Number.POSITIVE_INFINITY,
    allowanceAt: 0,
    refused: 0,
    slowSince: 0,
    wasTooSlow: false,
    typingIn: '',
    typingAt: 0,
    isAway: false,
    watched: null,
  }
}
