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

/** What this node knows of one socket. One flat object, because there are thousands that do nothing. */
export interface Connection {
  readonly userId: string
  readonly sessionId: string
  /** Milliseconds since 1970; later with every fresh token. */
  tokenEndsAt: number
  webSocket: RawWebSocket | null
  /** Changes of this person's memberships that arrive while the rooms are being joined; null once they are. */
  joining: MembershipChange[] | null
  /** Version at which this person joined, of conversations joined after their beginning: what is older is not theirs to see. */
  joinedVersions: Map<string, number> | null
  /** Events this socket may still send at once, as of `allowanceAt`. */
  allowance: number
  allowanceAt: number
  /** Events refused in a row. */
  refused: number
  /** Since when too much waits to be written; 0 when that is not so. */
  slowSince: number
  /** It was closed because of that. */
  wasTooSlow: boolean
  typingIn: string
  typingAt: number
  isAway: boolean
  /** Whom this socket watches, whether or not it may; null while nobody. */
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
    // Whole, whatever the limit is.
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
