import { streamNames } from '@finnigram/contracts'
import { eventually, freePort } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { newWho } from './fixture/start-fake-users.ts'
import { type PushEnvironment, startPushEnvironment } from './fixture/start-push-environment.ts'
import { startService } from './fixture/start-service-process.ts'

/** Processes that start all at once take turns at two cores, and each takes as long as all. */
let lastStart: Promise<unknown> = Promise.resolve()
function oneAtATime<T>(start: () => Promise<T>): Promise<T> {
  const started = lastStart.then(start)
  lastStart = started.catch(() => {})
  return started
}

/** An environment whose only node is a process of its own. */
async function startKillEnvironment() {
  await using starting = new AsyncDisposableStack()
  const environment = starting.use(await startPushEnvironment({ nodes: 0 }))
  const startNode = () =>
    oneAtATime(async () =>
      startService('realtime', { ...envOf(environment), PORT: String(await freePort()) }),
    )
  const first = starting.use(await startNode())
  await eventually(() => environment.begun(), patience)
  const parts = starting.move()
  return { environment, first, startNode, [Symbol.asyncDispose]: () => parts.disposeAsync() }
}

const envOf = (environment: PushEnvironment) => ({
  REDIS_URL: environment.base.redis.url,
  USERS_URL: environment.base.fakeUsers.url,
  MESSAGES_URL: environment.base.fakeMessages.url,
  EXPO_PUSH_URL: environment.expo.url,
  NODE_EXTRA_CA_CERTS: environment.web.certificateFile,
  PUSH_ALLOW_PRIVATE: '1',
  PUSH_APART_MS: '0',
  PUSH_DELAY_MS: '500',
})
/** A node counts as gone after fifteen seconds, which these tests wait for together. */
const patience = { within: 40_000 }

test.concurrent('a node that is killed while messages wait leaves them to another', async () => {
  await using opened = await startKillEnvironment()
  const { environment, first, startNode } = opened
  const [anna, ben] = [newWho(), newWho()]
  const browser = environment.browserOf(anna)
  const chat = environment.chats.open([anna, ben])
  let isAsked = false
  environment.chats.beforeRecipients = async () => {
    isAsked = true
    await new Promise(() => {})
  }
  await environment.chats.say(chat, ben, 'one')
  await environment.chats.say(chat, ben, 'two')
  await eventually(() => expect(isAsked).toBe(true))
  await first.kill()
  environment.chats.beforeRecipients = async () => {}
  await using _second = await startNode()
  await eventually(() => expect(browser.received.length).toBe(1), patience)
  await environment.settled()
  expect(browser.received.map(({ payload }) => payload.body)).toEqual(['2 new messages\ntwo'])
}, 90_000)

test.concurrent('a node that is killed while it sends leaves it to another, and what it had sent is not sent again', async () => {
  await using opened = await startKillEnvironment()
  const { environment, first, startNode } = opened
  const [anna, ben] = [newWho(), newWho()]
  const [slow, phone] = [environment.browserOf(anna), environment.phoneOf(anna)]
  const chat = environment.chats.open([anna, ben])
  slow.always = 'hang'
  await environment.chats.say(chat, ben, 'hello')
  await eventually(() => expect([slow.attempts, phone.received.length]).toEqual([1, 1]))
  await eventually(async () => expect(await environment.redis.xlen('finnigram:push')).toBe(1))
  await first.kill()
  slow.always = undefined
  await using _second = await startNode()
  await eventually(() => expect(slow.received.length).toBe(1), patience)
  await environment.settled()
  expect([slow.received.length, phone.received.length]).toEqual([1, 1])
}, 90_000)

test.concurrent('a node that is killed before it writes down what it sent makes nothing appear twice', async () => {
  await using opened = await startKillEnvironment()
  const { environment, first, startNode } = opened
  const [anna, ben] = [newWho(), newWho()]
  const browser = environment.browserOf(anna)
  const chat = environment.chats.open([anna, ben])
  browser.always = 503
  await environment.chats.say(chat, ben, 'hello')
  const key = '{finnigram:push}:later:jobs'
  const [waiting = ''] = await eventually(async () => {
    const found = await environment.redis.hvals(key)
    return found.length > 0 ? found : Promise.reject(new Error('It does not wait'))
  })
  await first.kill()
  browser.always = undefined
  const second = await startNode()
  await eventually(
    async () => expect(await sentFields(environment, anna.userId, chat.id)).toHaveLength(1),
    patience,
  )
  expect(browser.received.length).toBe(1)
  await second.kill()
  // As if that had been killed in the very moment.
  await environment.redis.hdel(
    `finnigram:push:shown:{${anna.userId}}:${chat.id}`,
    ...(await sentFields(environment, anna.userId, chat.id)),
  )
  await environment.redis.xadd('finnigram:push', '*', 'job', waiting.replace(/^\d+ /, ''))
  await using _third = await startNode()
  await eventually(() => expect(browser.received.length).toBe(2), patience)
  expect(browser.shown().size).toBe(1)
  expect(
    new Set(browser.received.map(({ topic, payload }) => `${topic} ${payload.tag} ${payload.seq}`)).size,
  ).toBe(1)
}, 90_000)

async function sentFields(
  { redis }: PushEnvironment,
  userId: string,
  conversationId: string,
): Promise<string[]> {
  const fields = await redis.hkeys(`finnigram:push:shown:{${userId}}:${conversationId}`)
  return fields.filter((field) => field.startsWith('sent:'))
}

test.concurrent('what was said while no node was there is one notification, what was said before the first is none', async () => {
  await using opened = await startKillEnvironment()
  const { environment, first, startNode } = opened
  const [anna, ben, clara] = [newWho(), newWho(), newWho()]
  const phone = environment.phoneOf(anna)
  const chat = environment.chats.open([anna, ben, clara], { title: 'Trip' })
  await first.kill()
  for (let i = 1; i <= 30; i += 1) await environment.chats.say(chat, i % 2 ? ben : clara, `message ${i}`)
  const second = await startNode()
  await environment.settled()
  expect(phone.received.map(({ body }) => body)).toEqual(['30 new messages\nBen: message 30'])
  await second.kill()

  for (const stream of streamNames('messages')) await environment.redis.xgroup('DESTROY', stream, 'push')
  const other = environment.chats.open([anna, ben])
  await environment.chats.say(other, ben, 'old')
  await using _third = await startNode()
  await eventually(() => environment.begun(), patience)
  await environment.settled()
  expect(phone.received.length).toBe(1)
}, 90_000)

test.concurrent('a node that is told to stop ends what is under way, and leaves nothing behind', async () => {
  await using opened = await startKillEnvironment()
  const { environment, first } = opened
  const [anna, ben] = [newWho(), newWho()]
  const phone = environment.phoneOf(anna)
  const chat = environment.chats.open([anna, ben])
  await environment.chats.say(chat, ben, 'hello')
  await eventually(() => expect(phone.received.length).toBe(1))
  first.child.kill('SIGTERM')
  await eventually(() => expect(first.child.exitCode).toBe(0))
  const pending = await environment.redis.xpending('finnigram:push', 'push-senders')
  expect(pending[0]).toBe(0)
}, 90_000)
