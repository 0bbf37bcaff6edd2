import { expect, test } from 'vitest'
import { publishFleeting, subscribeFleeting } from '../src/index.ts'
import { eventually, expectLog } from '../src/testing/index.ts'
import { testLog } from './serve.ts'
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
