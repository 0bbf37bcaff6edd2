import { type Message, newId } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { search, untilIndexed } from './fixture/search-calls.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
let alice: Person
let chat: string
const written: string[] = []
const long = (n: number) => `${n} met ${'lorem ipsum '.repeat(660)}meeting`

/** Sixty messages of about 8,000 characters, each with what is looked for at its end. */
beforeAll(async () => {
  messages = await startTestMessages()
  alice = await messages.join('Alice')
  chat = (await messages.group(alice)).id
  for (let batch = 0; batch < 3; batch += 1) {
    const queue = Array.from({ length: 20 }, (_, i) => ({
      conversationId: chat,
      id: newId(),
      text: long(batch * 20 + i),
    }))
    const { body } = await alice.call<{ items: { message: Message }[] }>('POST /v1/messages', {
      messages: queue,
    })
    written.push(...body.items.map(({ message }) => message.id))
  }
  await untilIndexed(messages.node)
})
afterAll(() => messages[Symbol.asyncDispose]())

test.each(['meeting', 'meetings', '"psum mee"', 'ipsum lorem', 'met'])(
  'of many long messages with %s few are compared for a page, and all are found page by page',
  async (q) => {
    const found: string[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = await search(alice, { q, limit: '100', ...(cursor === '' ? {} : { cursor }) })
      const length = page.items.reduce((sum, { message }) => sum + (message.text?.length ?? 0), 0)
      expect(length).toBeLessThan(180_000)
      expect(page.items.length > 0 || page.nextCursor === null).toBe(true)
      for (const { message, highlights } of page.items) {
        expect(highlights.length).toBeGreaterThan(0)
        expect(highlights.length).toBeLessThanOrEqual(100)
        found.push(message.id)
      }
      cursor = page.nextCursor
    }
    expect(found).toEqual(written.toReversed())
  },
)

test('a match far into a long message is highlighted at its place', async () => {
  const { items } = await search(alice, { q: 'meetings', limit: '1' })
  const [{ message, highlights } = { message: undefined, highlights: [] }] = items
  expect(highlights.map(({ start, end }) => message?.text?.slice(start, end))).toEqual(['meeting'])
})
