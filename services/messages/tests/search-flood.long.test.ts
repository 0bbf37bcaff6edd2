import { monitorEventLoopDelay } from 'node:perf_hooks'
import { expect, test } from 'vitest'
import { fillConversation, hardText } from './fixture/fill-conversation.ts'
import { foundTexts, untilIndexed } from './fixture/searching.ts'
import { startTestMessages } from './fixture/start-test-messages.ts'
import { watchTurns } from './fixture/watch-turns.ts'

/** What an account may send in 150 seconds. */
const count = 6750

test('all that an account may send in two and a half minutes is made findable, faster than it is sent', async () => {
  await using messages = await startTestMessages()
  const alice = await messages.join('Alice')
  const { id: chatId } = await messages.group(alice)
  const texts = Array.from({ length: count }, (_, i) => hardText('latin', i))
  const delay = monitorEventLoopDelay({ resolution: 5 })
  using turns = watchTurns()
  const startedAt = performance.now()
  await fillConversation(messages.node, { person: alice, chatId, texts })
  delay.enable()
  await untilIndexed(messages.node, 600_000)
  const seconds = (performance.now() - startedAt) / 1000
  const perSecond = count / seconds
  process.stdout.write(
    `${Math.round(perSecond)} messages/s, ${((perSecond * 8000) / 1e6).toFixed(2)} MB/s, ` +
      `longest turn ${Math.round(turns.longestMs())} ms of processor time, ${Math.round(delay.max / 1e6)} ms by the clock\n`,
  )
  expect(turns.longestMs()).toBeLessThan(200)
  expect(await foundTexts(alice, { q: `needle${count - 1}` })).toHaveLength(1)
  expect(await foundTexts(alice, { q: 'needle3' })).not.toHaveLength(0)
  expect(seconds).toBeLessThan(150)
}, 700_000)
