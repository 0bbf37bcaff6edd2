import { type Message, newId } from '@finnigram/contracts'
import { eventually, freePort } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { call } from './fixture/call.ts'
import { startRestartableService } from './fixture/restartable-service.ts'
import { startTestMessages } from './fixture/start-test-messages.ts'

test('after a kill in the middle of sends and a restart, every message is stored once, in order', {
  timeout: 60_000,
}, async () => {
  await using messages = await startTestMessages()
  const alice = await messages.join('Alice')
  const chats = await Promise.all([1, 2, 3].map(() => messages.group(alice)))
  const env = { ...messages.env, PORT: String(await freePort()), NODE_ENV: 'production' }
  await using node = await startRestartableService(env)

  let acknowledged = 0
  const queues = chats.map(({ id }) => ({
    path: `/v1/conversations/${id}/messages`,
    texts: Array.from({ length: 150 }, () => ({ id: newId(), text: 'x' })),
  }))
  const sendAll = async ({ path, texts }: (typeof queues)[number]) => {
    for (const body of texts) {
      await eventually(
        async () => {
          const { status } = await call(node.url, `POST ${path}`, { token: alice.token, body })
          expect([200, 201]).toContain(status)
        },
        { within: 30_000 },
      )
      acknowledged += 1
    }
  }
  const sending = Promise.all(queues.map(sendAll))
  for (const at of [60, 200]) {
    await eventually(() => expect(acknowledged).toBeGreaterThan(at), { within: 30_000 })
    await node.kill()
    await node.start()
  }
  await sending

  for (const { path, texts } of queues) {
    const pages = [
      await alice.call<{ items: Message[] }>(`GET ${path}?after=0&limit=100`),
      await alice.call<{ items: Message[] }>(`GET ${path}?after=100&limit=100`),
    ].flatMap(({ body }) => body.items)
    expect(pages.map(({ id }) => id)).toEqual(texts.map(({ id }) => id))
    expect(pages.map(({ seq }) => seq)).toEqual(texts.map((_, i) => i + 1))
  }
})
