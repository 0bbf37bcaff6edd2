import { expect, test } from 'vitest'
import { fillConversation, hardText, type hardTexts } from './fixture/fill-conversation.ts'
import { foundTexts, untilIndexed } from './fixture/search-calls.ts'
import { startTestMessages } from './fixture/start-test-messages.ts'
import { watchEventLoop } from './fixture/watch-event-loop.ts'

test('a flood of the longest messages is indexed piece by piece, whatever they are written in', async () => {
  await using messages = await startTestMessages()
  const alice = await messages.join('Alice')
  const { id: chatId } = await messages.group(alice)
  const kinds = ['latin', 'nordic', 'chinese', 'ligature'] as (keyof typeof hardTexts)[]
  const texts = kinds.flatMap((kind) => Array.from({ length: 20 }, (_, i) => hardText(kind, i)))
  using turns = watchEventLoop()
  await fillConversation(messages.node, { person: alice, chatId, texts })
  await untilIndexed(messages.node)
  expect(turns.longestMs()).toBeLessThan(200)
  expect(await foundTexts(alice, { q: 'needle17' })).toHaveLength(kinds.length)
})
