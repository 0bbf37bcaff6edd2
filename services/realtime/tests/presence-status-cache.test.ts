import { newId } from '@finnigram/contracts'
import { eventually } from '@finnigram/service-kit/testing'
import { expect, test } from 'vitest'
import type { PresenceStatus } from '../src/presence/presence-leases.ts'
import { createStatusCache } from '../src/presence/status-cache.ts'
import { watchRoom } from '../src/wire/rooms.ts'
import { startEnvironment } from './fixture/start-environment.ts'
import { newWho } from './fixture/start-fake-users.ts'

/** The status cache of a node where one device watches someone, and each look at Redis ends when it is told to. */
async function watchSomeone() {
  const environment = await startEnvironment()
  const device = await environment.enter(newWho())
  const [node] = environment.nodes
  const [socket] = node?.ctx.io.sockets.sockets.values() ?? []
  if (!node || !socket) throw new Error('Nobody is connected')
  const userId = newId()
  socket.join(watchRoom(userId))
  const reads: PromiseWithResolvers<PresenceStatus | undefined>[] = []
  const expired: string[] = []
  const statuses = createStatusCache(node.ctx, {
    leases: {
      read() {
        const answer = Promise.withResolvers<PresenceStatus | undefined>()
        reads.push(answer)
        return answer.promise
      },
    },
    maySee: () => true,
    onExpired: (id) => expired.push(id),
  })
  const heard = () => device.heard('presence').map(({ status }) => status)
  /** What was written to the socket before has arrived. */
  const settled = () => device.ask('back', {})
  return { environment, socket, userId, reads, expired, statuses, heard, settled }
}

test('who begins to watch while a change is told to everyone hears of it once', async () => {
  const { environment, socket, userId, reads, statuses, heard, settled } = await watchSomeone()
  await using _ = environment
  const telling = statuses.emitTo([socket], [userId])
  statuses.applyChange(userId, 'online', null)
  reads[0]?.resolve('online')
  await telling
  await settled()
  expect(heard()).toEqual(['online'])
})

test('two looks that were begun together tell each socket once', async () => {
  const { environment, socket, userId, reads, statuses, heard, settled } = await watchSomeone()
  await using _ = environment
  const broadcasts = [statuses.emitTo([socket], [userId]), statuses.emitTo([socket], [userId])]
  for (const read of reads) read.resolve('away')
  await Promise.all(broadcasts)
  await settled()
  expect(heard()).toEqual(['away'])
})

test('who watches someone whose status is known is told it', async () => {
  const { environment, socket, userId, reads, statuses, heard, settled } = await watchSomeone()
  await using _ = environment
  statuses.applyChange(userId, 'online', null)
  const telling = statuses.emitTo([socket], [userId])
  reads[0]?.resolve('online')
  await telling
  await settled()
  expect(heard()).toEqual(['online', 'online'])
})

test('who could not be told at first is told as soon as it is known, although others were told long ago', async () => {
  const { environment, socket, userId, reads, statuses, heard, settled } = await watchSomeone()
  await using _ = environment
  statuses.applyChange(userId, 'online', null)
  const telling = statuses.emitTo([socket], [userId])
  reads[0]?.resolve(undefined)
  await telling
  statuses.applyChange(userId, 'online', null)
  await settled()
  expect(heard()).toEqual(['online', 'online'])
})

test('what is known no more is unknown to who heard of it, never offline, until it is known again', async () => {
  const { environment, userId, reads, expired, statuses, heard } = await watchSomeone()
  await using _ = environment
  statuses.applyChange(userId, 'online', null)
  statuses.forget()
  statuses.forget()
  const review = statuses.review()
  reads[0]?.resolve('offline')
  await review
  await eventually(() => expect(heard()).toEqual(['online', 'unknown', 'offline']))
  expect(expired).toEqual([])
})

test('whose lease ended without a word was there until now, and that is passed on', async () => {
  const { environment, userId, reads, expired, statuses, heard } = await watchSomeone()
  await using _ = environment
  statuses.applyChange(userId, 'online', null)
  const review = statuses.review()
  reads[0]?.resolve('offline')
  await review
  await eventually(() => expect(heard()).toEqual(['online', 'offline']))
  expect(expired).toEqual([userId])
})
