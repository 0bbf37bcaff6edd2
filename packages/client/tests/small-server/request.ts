import type { RouteContract } from '@finnigram/contracts'
import type { ConversationRecord } from './conversation-record.ts'
import { Refusal } from './refusal.ts'
import type { Person, ServerState } from './server-state.ts'
import type { Sessions } from './sessions.ts'

export interface Request {
  serverState: ServerState
  sessions: Sessions
  me: Person
  /** The access token that came along. */
  token: string
  params: Record<string, string>
  query: URLSearchParams
  body: Record<string, unknown>
}
export interface Reply {
  status: number
  body?: unknown
}
export type Handler = (request: Request) => Reply

/** A route and what answers it. */
export type Row = [RouteContract, Handler]

export const ok = (body: unknown, status = 200): Reply => ({ status, body })

export function requireConversation({ serverState, me, params }: Request): ConversationRecord {
  const record = serverState.conversations.get(params['conversationId'] ?? '')
  if (!record?.memberships.has(me.id)) throw new Refusal('not_found')
  return record
}
