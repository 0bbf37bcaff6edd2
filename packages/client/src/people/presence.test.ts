import { expect, test, vi } from 'vitest'
import type { Realtime } from '../connection/reconnecting-socket.ts'
import { createPresence } from './presence.ts'
import { createTypingNotices } from './typing.ts'

function aSocket(state: Realtime['state'] = 'ready') {
  const told: [string, unknown][] = []
  const realtime: Realtime = {
    state,
    request: (event, data) => {
      told.push([event, data])
      return Promise.reject(new Error('Nobody answers'))
    },
    stop: () => undefined,
  }
  return { told, realtime }
}

const online = { userId: 'grace', status: 'online', lastSeenAt: null } as const

test('each person is watched once, however many screens show them', () => {
  const { told, realtime } = aSocket()
  const presence = createPresence(
    () => realtime,
    () => undefined,
  )
  const first = presence.watch(['grace', 'linus', 'grace'])
  const second = presence.watch(['grace'])
  first()
  first()
  second()
  expect(told).toEqual([
    ['watch', { userIds: ['grace', 'linus'] }],
    ['unwatch', { userIds: ['linus'] }],
    ['unwatch', { userIds: ['grace'] }],
  ])
})

test('a new socket watches everyone on screen, up to the limit', () => {
  const { told, realtime } = aSocket()
  const presence = createPresence(
    () => realtime,
    () => undefined,
  )
  presence.watch(Array.from({ length: 600 }, (_, index) => String(index)))
  told.length = 0
  presence.connected()
  expect(told).toHaveLength(1)
  expect(told[0]?.[1]).toHaveProperty('userIds.length', 500)
})

test('people beyond the limit are watched once others leave, and refused ones are tried again', async () => {
  vi.useFakeTimers()
  const { told, realtime } = aSocket()
  const presence = createPresence(
    () => ({
      ...realtime,
      request: (event, data) => realtime.request(event, data).catch(() => ({})) as never,
    }),
    () => undefined,
  )
  const crowd = Array.from({ length: 600 }, (_, index) => String(index))
  const leave = presence.watch(crowd.slice(0, 550))
  presence.watch(crowd.slice(550))
  leave()
  expect(told.at(-1)).toEqual(['watch', { userIds: crowd.slice(550) }])

  const refused = aSocket()
  const other = createPresence(
    () => refused.realtime,
    () => undefined,
  )
  other.watch(['grace'])
  await vi.advanceTimersByTimeAsync(5000)
  vi.useRealTimers()
  expect(refused.told).toEqual([
    ['watch', { userIds: ['grace'] }],
    ['watch', { userIds: ['grace'] }],
  ])
})

test('without a socket presence is unknown, never offline', () => {
  const { realtime } = aSocket()
  let changes = 0
  const presence = createPresence(
    () => realtime,
    () => {
      changes += 1
    },
  )
  presence.update(online)
  expect(presence.get('grace').status).toBe('unknown')
  presence.watch(['grace'])
  presence.update(online)
  expect(presence.get('grace')).toEqual({ status: 'online', lastSeenAt: null })
  presence.disconnected()
  presence.disconnected()
  expect(presence.get('grace').status).toBe('unknown')
  expect(changes).toBe(2)
})

test('notices of typing are few, and begin anew after a message', () => {
  const { told, realtime } = aSocket()
  const notices = createTypingNotices(() => realtime, 3_000)
  for (let key = 0; key < 5; key += 1) notices.writing('c')
  notices.sent('c')
  notices.sent('c')
  notices.writing('c')
  expect(told.map(([, data]) => data)).toEqual([
    { conversationId: 'c', active: true },
    { conversationId: 'c', active: false },
    { conversationId: 'c', active: true },
  ])
})

test('a typing notice that could not be sent goes out at the next key', () => {
  const away = aSocket('waiting')
  const here = aSocket()
  let current = away.realtime
  const notices = createTypingNotices(() => current, 3_000)
  notices.writing('c')
  current = here.realtime
  notices.writing('c')
  expect([away.told.length, here.told.length]).toEqual([0, 1])
})
