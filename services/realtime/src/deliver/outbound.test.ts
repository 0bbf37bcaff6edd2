import type { ConversationEvent } from '@finnigram/contracts'
import { expect, test } from 'vitest'
import { newConnection, type RealtimeSocket } from '../connection.ts'
import type { RealtimeContext } from '../context.ts'
import { conversationRoom } from '../rooms.ts'
import { createJoinFloors } from './join-floors.ts'
import { createOutbound } from './outbound.ts'

const chat = 'chat'

/** A room with sockets, as far as facts are written to them. */
function openRoom() {
  const rooms = new Map([[conversationRoom(chat), new Set<string>()]])
  const sockets = new Map<string, RealtimeSocket>()
  const floors = createJoinFloors()
  const ctx = {
    floors,
    io: { sockets: { adapter: { rooms }, sockets } },
    figures: { events: { inc() {} }, frames: { inc() {} }, delay: { observe() {} } },
    admissions: { noteFacts() {} },
  } as unknown as RealtimeContext
  const enter = (userId: string, joinedVersion: number) => {
    const frames: string[] = []
    const data = newConnection({ userId, sessionId: userId, expiresAt: 0 })
    data.joinedVersions = new Map([[chat, joinedVersion]])
    const sendFrame = ([bytes]: readonly Buffer[]) => void frames.push(String(bytes))
    data.wire = { readyState: 1, bufferedAmount: 0, terminate() {}, _sender: { sendFrame } }
    sockets.set(userId, {
      data,
      conn: { readyState: 'open', writeBuffer: [] },
    } as unknown as RealtimeSocket)
    rooms.get(conversationRoom(chat))?.add(userId)
    floors.raise(chat, joinedVersion)
    return frames
  }
  return { outbound: createOutbound(ctx), enter }
}

const fact = (version: number) =>
  ({
    conversationId: chat,
    version,
    type: 'conversation.updated',
    at: new Date().toISOString(),
  }) as ConversationEvent

test('what waits to go out is not for who connects meanwhile and joined after it', () => {
  const { outbound, enter } = openRoom()
  const early = enter('early', 2)
  for (const version of [9, 10, 12]) outbound.add(fact(version), `"fact ${version}"`)
  const late = enter('late', 12)
  outbound.flush(chat)
  expect(early.join()).toMatch(/fact 9.*fact 10.*fact 12/s)
  expect(late.join()).toMatch(/fact 12/)
  expect(late.join()).not.toMatch(/fact (9|10)/)
})
