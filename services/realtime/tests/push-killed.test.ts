import { streamNames } from '@finnigram/contracts'
import { eventually, freePort } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { newWho } from './fixture/start-issuer.ts'
import { startService } from './fixture/start-service.ts'
import { startTown, type Town } from './fixture/start-town.ts'

/** Processes that start all at once take turns at two cores, and each takes as long as all. */
let lastStart: Promise<unknown> = Promise.resolve()
function inTurn<T>(start: () => Promise<T>): Promise<T> {
  const started = lastStart.then(start)
  lastStart = started.catch(() => {})
  return started
}

/** A town whose only node is a process of its own. */
async function startScene() {
  await using starting = new AsyncDisposableStack()
  const town = starting.use(await startTown({ nodes: 0 }))
  const startNode = () =>
    inTurn(async () => startService('realtime', { ...envOf(town), PORT: String(await freePort()) }))
  const first = starting.use(await startNode())
  await eventually(() => town.begun(), patience)
  const parts = starting.move()
  return { town, first, startNode, [Symbol.asyncDispose]: () => parts.disposeAsync() }
}

const envOf = (town: Town) => ({
  REDIS_URL: town.world.redis.url,
  USERS_URL: town.world.issuer.url,
  MESSAGES_URL: town.world.archive.url,
  EXPO_PUSH_URL: town.expo.url,
  NODE_EXTRA_CA_CERTS: town.web.certificateFile,
  PUSH_ALLOW_PRIVATE: '1',
  PUSH_APART_MS: '0',
  PUSH_DELAY_MS: '500',
})
/** A node counts as gone after fifteen seconds, which these tests wait for together. */
const patience = { within: 40_000 }

test.concurrent('a node that is killed while messages wait leaves them to another', async () => {
  await using scene = await startScene()
  const { town, first, startNode } = scene
  const [anna, ben] = [newWho(), newWho()]
  const browser = town.browserOf(anna)
  const chat = town.chats.open([anna, ben])
  let isAsked = false
  town.chats.beforeRecipients = async () => {
    isAsked = true
    await new Promise(() => {})
  }
  await town.chats.say(chat, ben, 'one')
  await town.chats.say(chat, ben, 'two')
  await eventually(() => expect(isAsked).toBe(true))
  await first.kill()
  town.chats.beforeRecipients = async () => {}
  await using _second = await startNode()
  await eventually(() => expect(browser.received.length).toBe(1), patience)
  await town.settled()
  expect(browser.received.map(({ payload }) => payload.body)).toEqual(['2 new messages\ntwo'])
}, 90_000)

test.concurrent('a node that is killed while it sends leaves it to another, and what it had sent is not sent again', async () => {
  await using scene = await startScene()
  const { town, first, startNode } = scene
  const [anna, ben] = [newWho(), newWho()]
  const [slow, phone] = [town.browserOf(anna), town.phoneOf(anna)]
  const chat = town.chats.open([anna, ben])
  slow.always = 'hang'
  await town.chats.say(chat, ben, 'hello')
  await eventually(() => expect([slow.attempts, phone.received.length]).toEqual([1, 1]))
  await eventually(async () => expect(await town.redis.xlen('finnigram:push')).toBe(1))
  await first.kill()
  slow.always = undefined
  await using _second = await startNode()
  await eventually(() => expect(slow.received.length).toBe(1), patience)
  await town.settled()
  expect([slow.received.length, phone.received.length]).toEqual([1, 1])
}, 90_000)

test.concurrent('a node that is killed before it writes down what it sent makes nothing appear twice', async () => {
  await using scene = await startScene()
  const { town, first, startNode } = scene
  const [anna, ben] = [newWho(), newWho()]
  const browser = town.browserOf(anna)
  const chat = town.chats.open([anna, ben])
  browser.always = 503
  await town.chats.say(chat, ben, 'hello')
  const key = '{finnigram:push}:later:jobs'
  const [waiting = ''] = await eventually(async () => {
    const found = await town.redis.hvals(key)
    return found.length > 0 ? found : Promise.reject(new Error('It does not wait'))
  })
  await first.kill()
  browser.always = undefined
  const second = await startNode()
  await eventually(async () => expect(await sentFields(town, anna.userId, chat.id)).toHaveLength(1), patience)
  expect(browser.received.length).toBe(1)
  await second.kill()
  // As if that had been killed in the very moment.
  await town.redis.hdel(
    `finnigram:push:shown:{${anna.userId}}:${chat.id}`,
    ...(await sentFields(town, anna.userId, chat.id)),
  )
  await town.redis.xadd('finnigram:push', '*', 'job', waiting.replace(/^\d+ /, ''))
  await using _third = await startNode()
  await eventually(() => expect(browser.received.length).toBe(2), patience)
  expect(browser.shown().size).toBe(1)
  expect(
    new Set(browser.received.map(({ topic, payload }) => `${topic} ${payload.tag} ${payload.seq}`)).size,
  ).toBe(1)
}, 90_000)

async function sentFields({ redis }: Town, userId: string, conversationId: string): Promise<string[]> {
  const fields = await redis.hkeys(`finnigram:push:shown:{${userId}}:${conversationId}`)
  return fields.filter((field) => field.startsWith('sent:'))
}

test.concurrent('what was said while no node was there is one notification, what was said before the first is none', async () => {
  await using scene = await startScene()
  const { town, first, startNode } = scene
  const [anna, ben, clara] = [newWho(), newWho(), newWho()]
  const phone = town.phoneOf(anna)
  const chat = town.chats.open([anna, ben, clara], { title: 'Trip' })
  await first.kill()
  for (let i = 1; i <= 30; i += 1) await town.chats.say(chat, i % 2 ? ben : clara, `message ${i}`)
  const second = await startNode()
  await town.settled()
  expect(phone.received.map(({ body }) => body)).toEqual(['30 new messages\nBen: message 30'])
  await second.kill()

  for (const stream of streamNames('messages')) await town.redis.xgroup('DESTROY', stream, 'push')
  const other = town.chats.open([anna, ben])
  await town.chats.say(other, ben, 'old')
  await using _third = await startNode()
  await eventually(() => town.begun(), patience)
  await town.settled()
  expect(phone.received.length).toBe(1)
}, 90_000)

test.concurrent('a node that is told to stop ends what is under way, and leaves nothing behind', async () => {
  await using scene = await startScene()
  const { town, first } = scene
  const [anna, ben] = [newWho(), newWho()]
  const phone = town.phoneOf(anna)
  const chat = town.chats.open([anna, ben])
  await town.chats.say(chat, ben, 'hello')
  await eventually(() => expect(phone.received.length).toBe(1))
  first.child.kill('SIGTERM')
  await eventually(() => expect(first.child.exitCode).toBe(0))
  const pending = await town.redis.xpending('finnigram:push', 'push-senders')
  expect(pending[0]).toBe(0)
}, 90_000)
