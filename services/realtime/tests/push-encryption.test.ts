import type { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { newWho } from './fixture/start-fake-users.ts'
import { startPushEnvironment } from './fixture/start-push-environment.ts'

test('a notification whose encryption thread died is retried, and sent once', async () => {
  await using environment = await startPushEnvironment({ env: { PUSH_DELAY_MS: '300' } })
  const [anna, ben] = [newWho(), newWho()]
  const browser = environment.browserOf(anna)
  let killed = 0
  process.once('worker', (worker: Worker) => {
    killed += 1
    void worker.terminate()
  })
  await environment.chats.say(environment.chats.open([anna, ben]), ben, 'hello')
  await environment.settled()
  expect(killed).toBe(1)
  expect(browser.received.map(({ payload }) => payload.body)).toEqual(['hello'])
  expect(await environment.metrics()).toMatch(/push_retried_total\{[^}]*reason="encryption"[^}]*\} 1/)
})
