import { defineRoute } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { z } from 'zod'
import {
  createSessionGuard,
  type EndedSession,
  openRedis,
  route,
  type SessionGuardOptions,
  type TokenVerifier,
} from '../src/index.ts'
import { serve, testLog } from './serve.ts'
import { startStreams } from './stream-fixture.ts'

const stream = 'test:sessions:{0}'
const whoAmI = defineRoute({
  method: 'GET',
  path: '/v1/me',
  summary: 'x',
  reply: { 200: z.object({ session: z.string() }) },
})

/** Signatures are not what this is about: a token is the name of its session. */
const trusting: TokenVerifier = {
  verify: async (token) => ({ userId: 'user', sessionId: token, expiresAt: Date.now() + 900_000 }),
  mostAheadMs: 0,
  [Symbol.dispose]: () => {},
}

/** What the service that ends sessions answers, and whether it can be reached. */
const newSource = (sessionIds: string[] = []) => ({ sessionIds, isAway: false, questions: 0 })
type Source = ReturnType<typeof newSource>

const listing = (source: Source) => async () => {
  source.questions += 1
  if (source.isAway) throw new Error('The users service is away')
  return source.sessionIds
}

/** A node: a guard, and a server that lets in whom the guard lets in. */
async function startNode(redisUrl: string, source: Source, options: Partial<SessionGuardOptions> = {}) {
  await using parts = new AsyncDisposableStack()
  const log = testLog()
  const redis = parts.use(openRedis({ url: redisUrl, name: 'test', log }))
  const heard: EndedSession[] = []
  const guard = parts.use(
    createSessionGuard({
      redis,
      log,
      streams: [stream],
      listEnded: listing(source),
      onEnded: (ended) => heard.push(...ended),
      ...options,
    }),
  )
  const tokens = guard.guarding(trusting)
  const { call } = parts.use(
    await serve([route(whoAmI, ({ actor }) => ({ session: actor.sessionId }))], { tokens }),
  )
  const ask = async (token: string) => {
    const { status, json } = await call('GET', '/v1/me', { headers: { authorization: `Bearer ${token}` } })
    return status === 200 ? 'served' : json.code
  }
  const kept = parts.move()
  return { redis, guard, heard, ask, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

const never = 10 ** 6

test('a session that ended is refused on every node, and no other', async () => {
  await using fixture = await startStreams()
  await using one = await startNode(fixture.server.url, newSource(), { fetchEveryMs: never })
  await using two = await startNode(fixture.server.url, newSource(), { fetchEveryMs: never })
  for (const node of [one, two]) expect(await node.ask('phone')).toBe('served')

  const ended = { userId: 'user', sessionId: 'phone' }
  const tell = () =>
    fixture.redis.commands.xadd(stream, '*', 'type', 'session.ended', 'payload', JSON.stringify(ended))
  await eventually(async () => {
    await tell()
    expect([one.heard, two.heard]).toEqual([[ended], [ended]])
  })

  for (const node of [one, two]) {
    expect(await node.ask('phone')).toBe('unauthenticated')
    expect(node.guard.has('phone')).toBe(true)
    expect(await node.ask('laptop')).toBe('served')
  }
})

test('unreadable entries and other events on the stream do no harm', async () => {
  await using fixture = await startStreams()
  await using node = await startNode(fixture.server.url, newSource(), { fetchEveryMs: never })
  expect(await node.ask('phone')).toBe('served')
  const add = (type: string, payload: string) =>
    fixture.redis.commands.xadd(stream, '*', 'type', type, 'payload', payload)
  await eventually(async () => {
    await add('session.ended', '{broken')
    await add('session.ended', '{"sessionId":7}')
    await add('user.updated', '{"sessionId":"laptop","userId":"user"}')
    await add('session.ended', '{"sessionId":"phone","userId":"user"}')
    expect(await node.ask('phone')).toBe('unauthenticated')
  })
  expect(await node.ask('laptop')).toBe('served')
})

test('a node that restarts knows earlier ended sessions from its first request on', async () => {
  await using fixture = await startStreams()
  await using node = await startNode(fixture.server.url, newSource(['phone']))
  expect(await node.ask('phone')).toBe('unauthenticated')
  expect(await node.ask('laptop')).toBe('served')
})

test('a node that never fetched the list refuses signed-in users until it has', async () => {
  await using fixture = await startStreams()
  const source = { ...newSource(['phone']), isAway: true }
  await using node = await startNode(fixture.server.url, source)
  expect(await node.ask('laptop')).toBe('unavailable')
  source.isAway = false
  await eventually(async () => expect(await node.ask('laptop')).toBe('served'))
  expect(await node.ask('phone')).toBe('unauthenticated')
})

test.each(['SIGSTOP', 'SIGKILL'] as const)(
  'while Redis is away (%s) what ends is known within five seconds',
  async (signal) => {
    await using fixture = await startStreams()
    const source = newSource()
    await using node = await startNode(fixture.server.url, source)
    expect(await node.ask('phone')).toBe('served')
    if (signal === 'SIGSTOP') process.kill(fixture.server.pid, signal)
    else await fixture.server.stop()

    source.sessionIds.push('phone')

    await eventually(async () => expect(await node.ask('phone')).toBe('unauthenticated'), { within: 5000 })
    expect(node.heard).toEqual([{ sessionId: 'phone' }])
    expect(await node.ask('laptop')).toBe('served')
  },
)

test('without Redis and the users service, what is known counts', async () => {
  await using fixture = await startStreams()
  const source = newSource(['phone'])
  await using node = await startNode(fixture.server.url, source, { fetchEveryMs: 20 })
  expect(await node.ask('phone')).toBe('unauthenticated')
  await fixture.server.stop()
  source.isAway = true
  const asked = source.questions
  await eventually(() => expect(source.questions).toBeGreaterThan(asked + 2))

  expect(await node.ask('phone')).toBe('unauthenticated')
  expect(await node.ask('laptop')).toBe('served')
  expect(node.heard).toHaveLength(1)
})

test('a node that starts without Redis accepts live sessions and refuses ended ones', async () => {
  await using fixture = await startStreams()
  await fixture.server.stop()
  await using node = await startNode(fixture.server.url, newSource(['phone']))
  expect(await node.ask('laptop')).toBe('served')
  expect(await node.ask('phone')).toBe('unauthenticated')
})
