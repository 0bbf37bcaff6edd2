import { newId } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { expect, test } from 'vitest'
import type { PresenceStatus } from '../src/presence/presence-leases.ts'
import { createStatusCache } from '../src/presence/status-cache.ts'
import { watchRoom } from '../src/wire/rooms.ts'
import { startEnvironment } from './fixture/start-environment.ts'
import { newWho } from './fixture/start-fake-users.ts'

/**
 * The status cache of a node where one device watches someone, and the test decides when each read
 * of Redis ends.
 */
async function watchSomeone() {
  const environment = await startEnvironment()
  const device = await environment.connect(newWho())
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
  const heard = () => device.received('presence').map(({ status }) => status)
  /** What was written to the socket before has arrived. */
  const settled = () => device.request('back', {})
  return { environment, socket, userId, reads, expired, statuses, heard, settled }
}

test('a socket that subscribes during a broadcast gets the change once', async () => {
  const { environment, socket, userId, reads, statuses, heard, settled } = await watchSomeone()
  await using _ = environment
  const emitting = statuses.emitTo([socket], [userId])
  statuses.applyChange(userId, 'online', null)
  reads[0]?.resolve('online')
  await emitting
  await settled()
  expect(heard()).toEqual(['online'])
})

test('two concurrent reads emit to each socket once', async () => {
  const { environment, socket, userId, reads, statuses, heard, settled } = await watchSomeone()
  await using _ = environment
  const broadcasts = [statuses.emitTo([socket], [userId]), statuses.emitTo([socket], [userId])]
  for (const read of reads) read.resolve('away')
  await Promise.all(broadcasts)
  await settled()
  expect(heard()).toEqual(['away'])
})

test('a socket that subscribes to a known status gets it', async () => {
  const { environment, socket, userId, reads, statuses, heard, settled } = await watchSomeone()
  await using _ = environment
  statuses.applyChange(userId, 'online', null)
  const emitting = statuses.emitTo([socket], [userId])
  reads[0]?.resolve('online')
  await emitting
  await settled()
  expect(heard()).toEqual(['online', 'online'])
})

test('a socket that got nothing gets the next known status, although others have it already', async () => {
  const { environment, socket, userId, reads, statuses, heard, settled } = await watchSomeone()
  await using _ = environment
  statuses.applyChange(userId, 'online', null)
  const emitting = statuses.emitTo([socket], [userId])
  reads[0]?.resolve(undefined)
  await emitting
  statuses.applyChange(userId, 'online', null)
  await settled()
  expect(heard()).toEqual(['online', 'online'])
})

test('an invalidated status is unknown, never offline, until it is known again', async () => {
  const { environment, userId, reads, expired, statuses, heard } = await watchSomeone()
  await using _ = environment
  statuses.applyChange(userId, 'online', null)
  statuses.invalidate()
  statuses.invalidate()
  const review = statuses.review()
  reads[0]?.resolve('offline')
  await review
  await eventually(() => expect(heard()).toEqual(['online', 'unknown', 'offline']))
  expect(expired).toEqual([])
})

test('a person whose lease expired was last seen now, and that is passed on', async () => {
  const { environment, userId, reads, expired, statuses, heard } = await watchSomeone()
  await using _ = environment
  statuses.applyChange(userId, 'online', null)
  const review = statuses.review()
  reads[0]?.resolve('offline')
  await review
  await eventually(() => expect(heard()).toEqual(['online', 'offline']))
  expect(expired).toEqual([userId])
})
