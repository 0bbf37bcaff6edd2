import type { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { newWho } from './fixture/start-issuer.ts'
import { startTown } from './fixture/start-town.ts'

test('a notification whose encryption dies is sent by the next try, once', async () => {
  await using town = await startTown({ env: { PUSH_DELAY_MS: '300' } })
  const [anna, ben] = [newWho(), newWho()]
  const browser = town.browserOf(anna)
  let killed = 0
  process.once('worker', (worker: Worker) => {
    killed += 1
    void worker.terminate()
  })
  await town.chats.say(town.chats.open([anna, ben]), ben, 'hello')
  await town.settled()
  expect(killed).toBe(1)
  expect(browser.received.map(({ payload }) => payload.body)).toEqual(['hello'])
  expect(await town.metrics()).toMatch(/push_retried_total\{[^}]*reason="encryption"[^}]*\} 1/)
})
