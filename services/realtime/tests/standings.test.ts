import { newId } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { expect, test } from 'vitest'
import type { PresenceStatus } from '../src/presence/lease-book.ts'
import { createStandings } from '../src/presence/standings.ts'
import { watchRoom } from '../src/rooms.ts'
import { newWho } from './fixture/start-issuer.ts'
import { startWorld } from './fixture/start-world.ts'

/** Standings of a node where one device watches someone, and each look at Redis ends when it is told to. */
async function watchSomeone() {
  const world = await startWorld()
  const device = await world.enter(newWho())
  const [node] = world.nodes
  const [socket] = node?.ctx.io.sockets.sockets.values() ?? []
  if (!node || !socket) throw new Error('Nobody is connected')
  const userId = newId()
  socket.join(watchRoom(userId))
  const reads: PromiseWithResolvers<PresenceStatus | undefined>[] = []
  const expired: string[] = []
  const standings = createStandings(node.ctx, {
    leases: {
      read() {
        const answer = Promise.withResolvers<PresenceStatus | undefined>()
        reads.push(answer)
        return answer.promise
      },
    },
    mayHear: () => true,
    onExpired: (id) => expired.push(id),
  })
  const heard = () => device.heard('presence').map(({ status }) => status)
  /** What was written to the socket before has arrived. */
  const settled = () => device.ask('back', {})
  return { world, socket, userId, reads, expired, standings, heard, settled }
}

test('who begins to watch while a change is told to everyone hears of it once', async () => {
  const { world, socket, userId, reads, standings, heard, settled } = await watchSomeone()
  await using _ = world
  const telling = standings.tell([socket], [userId])
  standings.hear(userId, 'online', null)
  reads[0]?.resolve('online')
  await telling
  await settled()
  expect(heard()).toEqual(['online'])
})

test('two looks that were begun together tell each socket once', async () => {
  const { world, socket, userId, reads, standings, heard, settled } = await watchSomeone()
  await using _ = world
  const tellings = [standings.tell([socket], [userId]), standings.tell([socket], [userId])]
  for (const read of reads) read.resolve('away')
  await Promise.all(tellings)
  await settled()
  expect(heard()).toEqual(['away'])
})

test('who watches someone whose standing is known is told it', async () => {
  const { world, socket, userId, reads, standings, heard, settled } = await watchSomeone()
  await using _ = world
  standings.hear(userId, 'online', null)
  const telling = standings.tell([socket], [userId])
  reads[0]?.resolve('online')
  await telling
  await settled()
  expect(heard()).toEqual(['online', 'online'])
})

test('who could not be told at first is told as soon as it is known, although others were told long ago', async () => {
  const { world, socket, userId, reads, standings, heard, settled } = await watchSomeone()
  await using _ = world
  standings.hear(userId, 'online', null)
  const telling = standings.tell([socket], [userId])
  reads[0]?.resolve(undefined)
  await telling
  standings.hear(userId, 'online', null)
  await settled()
  expect(heard()).toEqual(['online', 'online'])
})

test('what is known no more is unknown to who heard of it, never offline, until it is known again', async () => {
  const { world, userId, reads, expired, standings, heard } = await watchSomeone()
  await using _ = world
  standings.hear(userId, 'online', null)
  standings.forget()
  standings.forget()
  const review = standings.review()
  reads[0]?.resolve('offline')
  await review
  await eventually(() => expect(heard()).toEqual(['online', 'unknown', 'offline']))
  expect(expired).toEqual([])
})

test('whose lease ended without a word was there until now, and that is passed on', async () => {
  const { world, userId, reads, expired, standings, heard } = await watchSomeone()
  await using _ = world
  standings.hear(userId, 'online', null)
  const review = standings.review()
  reads[0]?.resolve('offline')
  await review
  await eventually(() => expect(heard()).toEqual(['online', 'offline']))
  expect(expired).toEqual([userId])
})
