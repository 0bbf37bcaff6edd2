import { fleetingChannel, newId, type Problem } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { startEnvironment } from './fixture/start-environment.ts'
import { newWho } from './fixture/start-fake-users.ts'

const problemOf = (reply: { ok: boolean; error?: Problem }) => reply.error ?? ({} as Problem)

test('a send is acknowledged with its message', async () => {
  await using environment = await startEnvironment()
  const anna = newWho()
  const chat = environment.fakeMessages.conversationOf(anna.userId)
  const annas = await environment.connect(anna)
  const id = newId()

  const reply = await annas.request('send', { conversationId: chat, id, text: 'hello' })

  expect(reply).toMatchObject({ ok: true, message: { id, text: 'hello', senderId: anna.userId } })
  expect(environment.fakeMessages.sends.flat()).toMatchObject([
    { id, senderId: anna.userId, conversationId: chat },
  ])
})

test('a send that is refused says why', async () => {
  await using environment = await startEnvironment()
  const annas = await environment.connect(newWho())
  const reply = await annas.request('send', { conversationId: newId(), id: newId(), text: 'hello' })
  expect(problemOf(reply)).toMatchObject({ code: 'not_found', status: 404 })
})

test('many sends are batched in few calls, each with its own reply', async () => {
  await using environment = await startEnvironment()
  const anna = newWho()
  const chat = environment.fakeMessages.conversationOf(anna.userId)
  const annas = await environment.connect(anna)

  const ids = Array.from({ length: 150 }, () => newId())
  const replies = await Promise.all(
    ids.map((id) => annas.request('send', { conversationId: chat, id, text: 'hello' })),
  )

  expect(replies.find((reply) => !reply.ok)).toBeUndefined()
  expect(replies.map((reply) => reply.ok && reply.message.id)).toEqual(ids)
  expect(environment.fakeMessages.sends.length).toBeLessThan(30)
})

test('long sends are batched within the body limit, each with its own reply', async () => {
  await using environment = await startEnvironment()
  const anna = newWho()
  const chats = Array.from({ length: 3 }, () => environment.fakeMessages.conversationOf(anna.userId))
  const annas = await environment.connect(anna)

  const texts = ['"\n'.repeat(4000), '語'.repeat(8000), '🐘'.repeat(8000), 'short']
  const sends = Array.from({ length: 48 }, (_, i) => ({
    conversationId: chats[i % 3] ?? '',
    id: newId(),
    text: texts[i % 4] ?? '',
  }))
  const replies = await Promise.all(sends.map((send) => annas.request('send', send)))

  expect(replies.map((reply) => reply.ok && reply.message.id)).toEqual(sends.map(({ id }) => id))
  const sizes = environment.fakeMessages.sends.map((batch) =>
    Buffer.byteLength(JSON.stringify({ sends: batch })),
  )
  expect(Math.max(...sizes)).toBeLessThanOrEqual(256 * 1024)
  for (const chat of chats) {
    const idsOf = (all: readonly { conversationId: string; id: string }[]) =>
      all.flatMap(({ conversationId, id }) => (conversationId === chat ? id : []))
    expect(idsOf(environment.fakeMessages.sends.flat())).toEqual(idsOf(sends))
  }
})

test('while the messages service is down a send is refused soon, and works once it is back', async () => {
  await using environment = await startEnvironment()
  const anna = newWho()
  const chat = environment.fakeMessages.conversationOf(anna.userId)
  const annas = await environment.connect(anna)
  const send = () => annas.request('send', { conversationId: chat, id: newId(), text: 'hello' })
  expect(await send()).toMatchObject({ ok: true })

  await environment.fakeMessages.stop()
  const startedAt = performance.now()
  expect(problemOf(await send())).toMatchObject({ code: 'unavailable', status: 503 })
  expect(performance.now() - startedAt).toBeLessThan(2000)

  await environment.fakeMessages.start()
  await eventually(async () => expect(await send()).toMatchObject({ ok: true }))
})

test('a hanging messages service delays no send for more than ten seconds', async () => {
  await using environment = await startEnvironment()
  const anna = newWho()
  const chat = environment.fakeMessages.conversationOf(anna.userId)
  const annas = await environment.connect(anna)
  environment.fakeMessages.beforeSends = () => new Promise(() => {})
  const startedAt = performance.now()
  const send = () => annas.request('send', { conversationId: chat, id: newId(), text: 'hello' })
  const first = send()
  await new Promise((resolve) => setTimeout(resolve, 100))
  for (const reply of await Promise.all([first, send(), send()])) {
    expect(problemOf(reply).code).toBe('unavailable')
  }
  expect(performance.now() - startedAt).toBeLessThan(10_000)
})

test('a refusal lists every mistake of an event', async () => {
  await using environment = await startEnvironment()
  const annas = await environment.connect(newWho())
  const reply = await annas.requestAnything('send', { conversationId: 'x', id: 7, text: '' })
  const { code, status, errors, requestId } = problemOf(reply as { ok: boolean; error?: Problem })
  expect({ code, status }).toEqual({ code: 'validation_failed', status: 400 })
  expect(errors?.map(({ path }) => path)).toEqual(['data.id', 'data.text', 'data.conversationId'])
  expect(requestId).not.toBe('')
})

test('data of every wrong kind, for every event, is answered', async () => {
  await using environment = await startEnvironment({ env: { RATE_LIMIT_SCALE: '10' } })
  const annas = await environment.connect(newWho())
  const wrong = [undefined, null, 1, 'text', [], [[]], { userIds: 'x' }, Buffer.from('junk'), { seq: -1 }]
  for (const event of ['send', 'typing', 'read', 'delivered', 'watch', 'unwatch']) {
    for (const data of wrong) {
      const reply = await annas.requestAnything(event, data)
      expect(problemOf(reply as { ok: boolean; error?: Problem }).code, event).toBe('validation_failed')
    }
  }
})

test('away and back need no data', async () => {
  await using environment = await startEnvironment()
  const annas = await environment.connect(newWho())
  expect(await annas.requestAnything('away')).toEqual({ ok: true })
  expect(await annas.requestAnything('back', {})).toEqual({ ok: true })
})

test('pending markers are merged into one, with the furthest seq', async () => {
  await using environment = await startEnvironment()
  const anna = newWho()
  const chat = environment.fakeMessages.conversationOf(anna.userId)
  const annas = await environment.connect(anna)

  const replies = await Promise.all([
    ...[3, 9, 5].map((seq) => annas.request('read', { conversationId: chat, seq })),
    annas.request('delivered', { conversationId: chat, seq: 9 }),
  ])

  expect(replies).toEqual(replies.map(() => ({ ok: true })))
  expect(environment.fakeMessages.markers.flat()).toEqual([
    { userId: anna.userId, conversationId: chat, kind: 'read', seq: 9 },
    { userId: anna.userId, conversationId: chat, kind: 'delivered', seq: 9 },
  ])
})

test('typing reaches the others on all nodes, once, and not the own devices', async () => {
  await using environment = await startEnvironment({ nodes: 2 })
  const [anna, ben] = [newWho(), newWho()]
  const chat = environment.fakeMessages.conversationOf(anna.userId, ben.userId)
  const annas = await environment.connect(anna, 0)
  const other = await environment.connect(newWho(anna.userId), 1)
  const bens = [await environment.connect(ben, 0), await environment.connect(newWho(ben.userId), 1)]

  for (let i = 0; i < 5; i += 1) await annas.request('typing', { conversationId: chat, active: true })
  for (let i = 0; i < 5; i += 1) await annas.request('typing', { conversationId: chat, active: false })

  const notice = { conversationId: chat, userId: anna.userId }
  for (const device of bens) {
    await eventually(() =>
      expect(device.received('typing')).toEqual([
        { ...notice, active: true },
        { ...notice, active: false },
      ]),
    )
  }
  expect(annas.received('typing')).toEqual([])
  expect(other.received('typing')).toEqual([])
})

test('typing in a conversation of others is refused', async () => {
  await using environment = await startEnvironment()
  const anna = newWho()
  const chat = environment.fakeMessages.conversationOf(newId())
  const annas = await environment.connect(anna)
  const reply = await annas.request('typing', { conversationId: chat, active: true })
  expect(problemOf(reply).code).toBe('not_found')
})

test('markers come coalesced, to the mover’s own devices too', async () => {
  await using environment = await startEnvironment()
  const [anna, ben] = [newWho(), newWho()]
  const chat = environment.fakeMessages.conversationOf(anna.userId, ben.userId)
  const devices = [await environment.connect(anna), await environment.connect(ben)]
  const redis = new Redis(environment.redis.url)
  const publish = (marker: object) =>
    redis.publish(
      fleetingChannel,
      JSON.stringify({ t: 'markers', data: [{ conversationId: chat, userId: ben.userId, ...marker }] }),
    )

  await Promise.all([publish({ deliveredSeq: 4 }), publish({ readSeq: 3 }), publish({ readSeq: 4 })])
  await publish({ readSeq: 2 })

  for (const device of devices) {
    await device.waitFor('marker')
    expect(device.received('marker')[0]).toMatchObject({ userId: ben.userId, readSeq: 4, deliveredSeq: 4 })
  }
  redis.disconnect()
})
