import { fleetingChannel, newId, type Problem } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { newWho } from './fixture/start-issuer.ts'
import { startWorld } from './fixture/start-world.ts'

const problemOf = (reply: { ok: boolean; error?: Problem }) => reply.error ?? ({} as Problem)

test('a send is acknowledged with its message', async () => {
  await using world = await startWorld()
  const anna = newWho()
  const chat = world.archive.conversationOf(anna.userId)
  const annas = await world.enter(anna)
  const id = newId()

  const reply = await annas.ask('send', { conversationId: chat, id, text: 'hello' })

  expect(reply).toMatchObject({ ok: true, message: { id, text: 'hello', senderId: anna.userId } })
  expect(world.archive.sends.flat()).toMatchObject([{ id, senderId: anna.userId, conversationId: chat }])
})

test('a send that is refused says why', async () => {
  await using world = await startWorld()
  const annas = await world.enter(newWho())
  const reply = await annas.ask('send', { conversationId: newId(), id: newId(), text: 'hello' })
  expect(problemOf(reply)).toMatchObject({ code: 'not_found', status: 404 })
})

test('many sends travel in few calls, each with its own answer', async () => {
  await using world = await startWorld()
  const anna = newWho()
  const chat = world.archive.conversationOf(anna.userId)
  const annas = await world.enter(anna)

  const ids = Array.from({ length: 150 }, () => newId())
  const replies = await Promise.all(
    ids.map((id) => annas.ask('send', { conversationId: chat, id, text: 'hello' })),
  )

  expect(replies.find((reply) => !reply.ok)).toBeUndefined()
  expect(replies.map((reply) => reply.ok && reply.message.id)).toEqual(ids)
  expect(world.archive.sends.length).toBeLessThan(30)
})

test('sends that are long travel in calls that the messages service takes, each with its own answer', async () => {
  await using world = await startWorld()
  const anna = newWho()
  const chats = Array.from({ length: 3 }, () => world.archive.conversationOf(anna.userId))
  const annas = await world.enter(anna)

  const texts = ['"\n'.repeat(4000), '語'.repeat(8000), '🐘'.repeat(8000), 'short']
  const sends = Array.from({ length: 48 }, (_, i) => ({
    conversationId: chats[i % 3] ?? '',
    id: newId(),
    text: texts[i % 4] ?? '',
  }))
  const replies = await Promise.all(sends.map((send) => annas.ask('send', send)))

  expect(replies.map((reply) => reply.ok && reply.message.id)).toEqual(sends.map(({ id }) => id))
  const sizes = world.archive.sends.map((batch) => Buffer.byteLength(JSON.stringify({ sends: batch })))
  expect(Math.max(...sizes)).toBeLessThanOrEqual(256 * 1024)
  for (const chat of chats) {
    const idsOf = (all: readonly { conversationId: string; id: string }[]) =>
      all.flatMap(({ conversationId, id }) => (conversationId === chat ? id : []))
    expect(idsOf(world.archive.sends.flat())).toEqual(idsOf(sends))
  }
})

test('while the messages service is away a send is refused soon, and works once it is back', async () => {
  await using world = await startWorld()
  const anna = newWho()
  const chat = world.archive.conversationOf(anna.userId)
  const annas = await world.enter(anna)
  const send = () => annas.ask('send', { conversationId: chat, id: newId(), text: 'hello' })
  expect(await send()).toMatchObject({ ok: true })

  await world.archive.stop()
  const startedAt = performance.now()
  expect(problemOf(await send())).toMatchObject({ code: 'unavailable', status: 503 })
  expect(performance.now() - startedAt).toBeLessThan(2000)

  await world.archive.start()
  await eventually(async () => expect(await send()).toMatchObject({ ok: true }))
})

test('a messages service that hangs keeps no send waiting for more than ten seconds', async () => {
  await using world = await startWorld()
  const anna = newWho()
  const chat = world.archive.conversationOf(anna.userId)
  const annas = await world.enter(anna)
  world.archive.beforeSends = () => new Promise(() => {})
  const startedAt = performance.now()
  const send = () => annas.ask('send', { conversationId: chat, id: newId(), text: 'hello' })
  const first = send()
  await new Promise((resolve) => setTimeout(resolve, 100))
  for (const reply of await Promise.all([first, send(), send()])) {
    expect(problemOf(reply).code).toBe('unavailable')
  }
  expect(performance.now() - startedAt).toBeLessThan(10_000)
})

test('every mistake of an event comes at once', async () => {
  await using world = await startWorld()
  const annas = await world.enter(newWho())
  const reply = await annas.askAnything('send', { conversationId: 'x', id: 7, text: '' })
  const { code, status, errors, requestId } = problemOf(reply as { ok: boolean; error?: Problem })
  expect({ code, status }).toEqual({ code: 'validation_failed', status: 400 })
  expect(errors?.map(({ path }) => path)).toEqual(['data.id', 'data.text', 'data.conversationId'])
  expect(requestId).not.toBe('')
})

test('data of every wrong kind, for every event, is answered', async () => {
  await using world = await startWorld({ env: { RATE_LIMIT_SCALE: '10' } })
  const annas = await world.enter(newWho())
  const wrong = [undefined, null, 1, 'text', [], [[]], { userIds: 'x' }, Buffer.from('junk'), { seq: -1 }]
  for (const event of ['send', 'typing', 'read', 'delivered', 'watch', 'unwatch']) {
    for (const data of wrong) {
      const reply = await annas.askAnything(event, data)
      expect(problemOf(reply as { ok: boolean; error?: Problem }).code, event).toBe('validation_failed')
    }
  }
})

test('away and back need no data', async () => {
  await using world = await startWorld()
  const annas = await world.enter(newWho())
  expect(await annas.askAnything('away')).toEqual({ ok: true })
  expect(await annas.askAnything('back', {})).toEqual({ ok: true })
})

test('markers that wait together travel as one, with the furthest seq', async () => {
  await using world = await startWorld()
  const anna = newWho()
  const chat = world.archive.conversationOf(anna.userId)
  const annas = await world.enter(anna)

  const replies = await Promise.all([
    ...[3, 9, 5].map((seq) => annas.ask('read', { conversationId: chat, seq })),
    annas.ask('delivered', { conversationId: chat, seq: 9 }),
  ])

  expect(replies).toEqual(replies.map(() => ({ ok: true })))
  expect(world.archive.markers.flat()).toEqual([
    { userId: anna.userId, conversationId: chat, kind: 'read', seq: 9 },
    { userId: anna.userId, conversationId: chat, kind: 'delivered', seq: 9 },
  ])
})

test('typing reaches the others on all nodes, once, and not the own devices', async () => {
  await using world = await startWorld({ nodes: 2 })
  const [anna, ben] = [newWho(), newWho()]
  const chat = world.archive.conversationOf(anna.userId, ben.userId)
  const annas = await world.enter(anna, 0)
  const other = await world.enter(newWho(anna.userId), 1)
  const bens = [await world.enter(ben, 0), await world.enter(newWho(ben.userId), 1)]

  for (let i = 0; i < 5; i += 1) await annas.ask('typing', { conversationId: chat, active: true })
  for (let i = 0; i < 5; i += 1) await annas.ask('typing', { conversationId: chat, active: false })

  const notice = { conversationId: chat, userId: anna.userId }
  for (const device of bens) {
    await eventually(() =>
      expect(device.heard('typing')).toEqual([
        { ...notice, active: true },
        { ...notice, active: false },
      ]),
    )
  }
  expect(annas.heard('typing')).toEqual([])
  expect(other.heard('typing')).toEqual([])
})

test('nobody types into a conversation they are not in', async () => {
  await using world = await startWorld()
  const anna = newWho()
  const chat = world.archive.conversationOf(newId())
  const annas = await world.enter(anna)
  const reply = await annas.ask('typing', { conversationId: chat, active: true })
  expect(problemOf(reply).code).toBe('not_found')
})

test('markers come coalesced, to the mover’s own devices too', async () => {
  await using world = await startWorld()
  const [anna, ben] = [newWho(), newWho()]
  const chat = world.archive.conversationOf(anna.userId, ben.userId)
  const devices = [await world.enter(anna), await world.enter(ben)]
  const redis = new Redis(world.redis.url)
  const publish = (marker: object) =>
    redis.publish(
      fleetingChannel,
      JSON.stringify({ t: 'markers', data: [{ conversationId: chat, userId: ben.userId, ...marker }] }),
    )

  await Promise.all([publish({ deliveredSeq: 4 }), publish({ readSeq: 3 }), publish({ readSeq: 4 })])
  await publish({ readSeq: 2 })

  for (const device of devices) {
    await device.hears('marker')
    expect(device.heard('marker')[0]).toMatchObject({ userId: ben.userId, readSeq: 4, deliveredSeq: 4 })
  }
  redis.disconnect()
})
