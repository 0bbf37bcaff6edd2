import type { RouteContract } from '@finnigram/contracts'
import { Refusal } from './refusal.ts'
import type { Room } from './room.ts'
import type { Sessions } from './sessions.ts'
import type { Person, World } from './world.ts'

export interface Request {
  world: World
  sessions: Sessions
  me: Person
  /** The access token that came along. */
  token: string
  params: Record<string, string>
  query: URLSearchParams
  body: Record<string, unknown>
}
export interface Answer {
  status: number
  body?: unknown
}
export type Handler = (request: Request) => Answer

/** A route and what answers it. */
export type Row = [RouteContract, Handler]

export const ok = (body: unknown, status = 200): Answer => ({ status, body })

export function roomOf({ world, me, params }: Request): Room {
  const room = world.rooms.get(params['conversationId'] ?? '')
  if (!room?.places.has(me.id)) throw new Refusal('not_found')
  return room
}
