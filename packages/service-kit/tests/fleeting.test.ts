import { eventually, expectLog } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { openRedis, publishFleeting, subscribeFleeting } from '../src/index.ts'
import { testLog } from './serve.ts'
import { startWire } from './start-wire.ts'
import { startStreams } from './stream-fixture.ts'

test('a subscriber gets messages, again after an outage of Redis, and survives its own errors', async () => {
  expectLog(/could not be handled/)
  await using fixture = await startStreams()
  const heard: string[] = []
  await using _listener = subscribeFleeting({ redis: fixture.redis, log: testLog() }, 'chan', (message) => {
    if (message === 'bad') throw new Error('cannot')
    heard.push(message)
  })
  const sayUntilHeard = (message: string) =>
    eventually(() => {
      publishFleeting(fixture.redis, 'chan', message)
      expect(heard).toContain(message)
    })
  await sayUntilHeard('one')
  publishFleeting(fixture.redis, 'chan', 'bad')
  await sayUntilHeard('two')
  await fixture.server.stop()
  publishFleeting(fixture.redis, 'chan', 'lost')
  await fixture.server.start()
  await sayUntilHeard('three')
  expect(heard).not.toContain('lost')
})

test('a half-open subscriber recovers soon, also one whose subscribe reply was lost', async () => {
  await using fixture = await startStreams()
  await using silenced = await listenThroughWire(fixture, 'one')
  await using unanswered = await listenThroughWire(fixture, 'other')
  silenced.wire.silence()
  unanswered.wire.silenceAt('subscribe')
  unanswered.wire.cut()
  await eventually(() => expect(unanswered.wire.silenced).toBe(1))
  unanswered.wire.silenceAt()

  await eventually(
    () => {
      publishFleeting(fixture.redis, 'chan', 'again')
      expect([silenced.heard, unanswered.heard]).toEqual([
        expect.arrayContaining(['again']),
        expect.arrayContaining(['again']),
      ])
    },
    { within: 30_000 },
  )
}, 40_000)

/** Resolves when it has heard something. */
async function listenThroughWire({ server, redis }: Awaited<ReturnType<typeof startStreams>>, name: string) {
  await using parts = new AsyncDisposableStack()
  const wire = parts.use(await startWire(server.url))
  const link = parts.use(openRedis({ url: wire.url, name, log: testLog() }))
  const heard: string[] = []
  parts.use(subscribeFleeting({ redis: link, log: testLog() }, 'chan', (message) => void heard.push(message)))
  await eventually(() => {
    publishFleeting(redis, 'chan', 'first')
    expect(heard).toContain('first')
  })
  const kept = parts.move()
  return { wire, heard, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}
