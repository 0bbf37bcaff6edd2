import { expect, test } from 'vitest'
import { openRedis, publishFleeting, subscribeFleeting } from '../src/index.ts'
import { eventually, expectLog } from '../src/testing/index.ts'
import { testLog } from './serve.ts'
import { startWire } from './start-wire.ts'
import { startStreams } from './stream-fixture.ts'

test('a listener hears what is said now, again after an outage of Redis, and survives its own mistakes', async () => {
  expectLog(/could not be handled/)
  await using box = await startStreams()
  const heard: string[] = []
  await using _listener = subscribeFleeting({ redis: box.redis, log: testLog() }, 'chan', (message) => {
    if (message === 'bad') throw new Error('cannot')
    heard.push(message)
  })
  const sayUntilHeard = (message: string) =>
    eventually(() => {
      publishFleeting(box.redis, 'chan', message)
      expect(heard).toContain(message)
    })
  await sayUntilHeard('one')
  publishFleeting(box.redis, 'chan', 'bad')
  await sayUntilHeard('two')
  await box.server.stop()
  publishFleeting(box.redis, 'chan', 'lost')
  await box.server.start()
  await sayUntilHeard('three')
  expect(heard).not.toContain('lost')
})

test('a listener whose connection is half-open hears again before long, also one whose answer to the subscription is lost', async () => {
  await using box = await startStreams()
  await using silenced = await listenThroughWire(box, 'one')
  await using unanswered = await listenThroughWire(box, 'other')
  silenced.wire.silence()
  unanswered.wire.silenceAt('subscribe')
  unanswered.wire.cut()
  await eventually(() => expect(unanswered.wire.silenced).toBe(1))
  unanswered.wire.silenceAt()

  await eventually(
    () => {
      publishFleeting(box.redis, 'chan', 'again')
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
