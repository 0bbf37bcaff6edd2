import { monitorEventLoopDelay } from 'node:perf_hooks'
import { expect, test } from 'vitest'
import { textLimits } from '../src/limits.ts'
import { fillConversation, hardText } from './fixture/fill-conversation.ts'
import { foundTexts, untilIndexed } from './fixture/search-calls.ts'
import { startTestMessages } from './fixture/start-test-messages.ts'
import { watchEventLoop } from './fixture/watch-event-loop.ts'

const seconds = 150
const lettersEach = 8000
const [perMinute] = textLimits
/** What one account may send meanwhile, in the longest messages. */
const count = Math.ceil(((seconds / (perMinute?.perSeconds ?? 60)) * (perMinute?.points ?? 0)) / lettersEach)

test('all that an account may send in two and a half minutes is indexed, faster than it is sent', async () => {
  await using messages = await startTestMessages()
  const alice = await messages.join('Alice')
  const { id: chatId } = await messages.group(alice)
  const texts = Array.from({ length: count }, (_, i) => hardText('latin', i))
  const delay = monitorEventLoopDelay({ resolution: 5 })
  using turns = watchEventLoop()
  const startedAt = performance.now()
  await fillConversation(messages.node, { person: alice, chatId, texts })
  delay.enable()
  await untilIndexed(messages.node, 600_000)
  const took = (performance.now() - startedAt) / 1000
  const perSecond = count / took
  process.stdout.write(
    `${count} messages, ${Math.round(perSecond)} messages/s, ${((perSecond * lettersEach) / 1e6).toFixed(2)} MB/s, ` +
      `longest turn ${Math.round(turns.longestMs())} ms of processor time, ${Math.round(delay.max / 1e6)} ms by the clock\n`,
  )
  expect(turns.longestMs()).toBeLessThan(200)
  expect(await foundTexts(alice, { q: `needle${count - 1}` })).toHaveLength(1)
  expect(await foundTexts(alice, { q: 'needle3' })).not.toHaveLength(0)
  expect(took).toBeLessThan(seconds / 2)
}, 700_000)
