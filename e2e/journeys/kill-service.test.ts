import type { Message } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { callApi, logInByApi } from '../src/prepare-by-api.ts'
import { startDevice } from '../src/start-device.ts'
import { type ServerSide, startServerSide } from '../src/start-server-side.ts'

const messagesInAll = 2_000
let server: ServerSide

beforeAll(async () => {
  server = await startServerSide()
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
})

test.each(['users', 'messages', 'realtime'] as const)(
  'kill -9 of %s during 2,000 messages loses, doubles and reorders nothing',
  async (service) => {
    const [ada, grace] = await Promise.all([
      startDevice(server.url, `ada.${service}`),
      startDevice(server.url, `grace.${service}`),
    ])
    const clients = [ada, grace]
    const userIds = clients.map((client) => client.session.state.user?.id ?? '')
    const { id } = await ada.conversations.createDirect(userIds[1] ?? '')
    await expect.poll(() => grace.conversations.get(id)?.id, { timeout: 10_000 }).toBe(id)

    const views = clients.map((client) => client.messages(id))
    for (let number = 0; number < messagesInAll / 2; number += 1) {
      for (const [index, view] of views.entries()) view.send({ text: `${index} ${number}` })
      if (number === 300) server.stack.kill(service, 0, 'SIGKILL')
      if (number % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    }

    const settled = () =>
      clients
        .map((client) => client.conversations.get(id))
        .every((conversation) => conversation?.lastSeq === messagesInAll && conversation.pendingCount === 0)
    await expect.poll(settled, { timeout: 90_000, interval: 100 }).toBe(true)
    for (const view of views) {
      while (view.snapshot().hasBefore) await view.loadBefore()
      while (view.snapshot().hasAfter) await view.loadAfter()
    }

    const archive = await readHistory(id, `ada.${service}`)
    expect(archive.map((message) => message.seq)).toEqual(
      Array.from({ length: messagesInAll }, (_, index) => index + 1),
    )
    for (const [index, userId] of userIds.entries()) {
      const said = archive.filter((message) => message.senderId === userId).map((message) => message.text)
      expect(said).toEqual(Array.from({ length: messagesInAll / 2 }, (_, number) => `${index} ${number}`))
    }
    for (const view of views) {
      expect(view.snapshot().items.map((item) => item.id)).toEqual(archive.map((message) => message.id))
    }
    for (const client of clients) client.stop()
  },
  150_000,
)

async function readHistory(conversationId: string, username: string): Promise<Message[]> {
  const { accessToken: token } = await logInByApi(server.url, username)
  const messages: Message[] = []
  for (let after = 0; ; ) {
    const path = `/v1/conversations/${conversationId}/messages?after=${after}&limit=100`
    const page = await callApi<{ items: Message[]; hasAfter: boolean }>(server.url, path, { token })
    messages.push(...page.items)
    after = page.items.at(-1)?.seq ?? after
    if (!page.hasAfter) return messages
  }
}
