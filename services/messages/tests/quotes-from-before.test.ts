import { type Conversation, ConversationEvent, type Message, type SyncReply } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { readStreamed } from './fixture/read-streamed.ts'
import { search, untilIndexed } from './fixture/search-calls.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
let owner: Person
let member: Person
let newcomer: Person
let group: Conversation
let before: Message
/** The version at which the new member has joined. */
let since: number
beforeAll(async () => {
  messages = await startTestMessages()
})
afterAll(() => messages[Symbol.asyncDispose]())
beforeEach(async () => {
  owner = await messages.join('Owner')
  member = await messages.join('Member')
  newcomer = await messages.join('Newcomer')
  group = await messages.group(owner, [member])
  before = await owner.say(group.id, 'a secret from before')
  await owner.call(`POST /v1/conversations/${group.id}/participants`, { userIds: [newcomer.id] })
  since = (await newcomer.chat(group.id)).version
})

const quoteOf = (message: Message | null | undefined) => message?.replyTo?.excerpt
const eventsOf = async (person: Person) => {
  const path = `GET /v1/conversations/${group.id}/events?after=${since}`
  return (await person.call<{ items: ConversationEvent[] }>(path)).body.items
}
/** One message as a person reads it, by every path. */
async function readings(person: Person, { id, seq }: Message): Promise<(Message | undefined)[]> {
  const find = (items: Message[]) => items.find((one) => one.id === id)
  const list = async (path: string) =>
    find((await person.call<{ items: Message[] }>(`GET ${path}`)).body.items)
  await person.call(`PUT /v1/messages/${id}/star`)
  const sync = await person.call<SyncReply>('POST /v1/sync', { known: { [group.id]: since } })
  const synced = sync.body.events[group.id] ?? []
  const told = [...(await eventsOf(person)), ...synced].flatMap((event) =>
    'message' in event.data && event.data.message.id === id ? event.data.message : [],
  )
  const found = await search(person, { q: 'newer' })
  return [
    (await person.call<Message>(`GET /v1/messages/${id}`)).body,
    await list(`/v1/conversations/${group.id}/messages?around=${seq}`),
    await list(`/v1/conversations/${group.id}/pins`),
    await list('/v1/stars'),
    (await person.chat(group.id)).lastMessage ?? undefined,
    sync.body.conversations[0]?.lastMessage ?? undefined,
    found.items.find(({ message }) => message.id === id)?.message,
    ...told,
  ]
}

test('quotes of earlier messages are empty for a new member on every path, and complete for others', async () => {
  const answer = await member.say(group.id, 'newer', { replyToId: before.id })
  expect(quoteOf(answer)).toBe('a secret from before')
  await owner.call(`PUT /v1/messages/${answer.id}/pin`)
  await member.call(`PATCH /v1/messages/${answer.id}`, { text: 'newer and better' })
  await untilIndexed(messages.node)

  for (const [person, excerpt] of [
    [newcomer, ''],
    [member, 'a secret from before'],
  ] as const) {
    const read = (await readings(person, answer)).filter((one) => one?.id === answer.id)
    expect(read.length).toBeGreaterThanOrEqual(8)
    for (const message of read)
      expect(message?.replyTo).toEqual({ id: before.id, seq: before.seq, senderId: owner.id, excerpt })
  }
})

test('the last message of a conversation has no earlier quote either', async () => {
  await member.say(group.id, 'newer', { replyToId: before.id })
  expect(quoteOf((await newcomer.chat(group.id)).lastMessage)).toBe('')
  expect(quoteOf((await member.chat(group.id)).lastMessage)).toBe('a secret from before')
})

test('quotes since the joining are complete, and all are where history is shared', async () => {
  const after = await owner.say(group.id, 'said since')
  const answer = await member.say(group.id, 'newer', { replyToId: after.id })
  expect((await newcomer.call<Message>(`GET /v1/messages/${answer.id}`)).body).toEqual(answer)

  await owner.call(`PATCH /v1/conversations/${group.id}`, { sharesHistory: true })
  const late = await messages.join('Late')
  await owner.call(`POST /v1/conversations/${group.id}/participants`, { userIds: [late.id] })
  const old = await member.say(group.id, 'of old', { replyToId: before.id })
  expect((await late.call<Message>(`GET /v1/messages/${old.id}`)).body).toEqual(old)
})

test('only the stream carries the list of users without the quote', async () => {
  const answer = await member.say(group.id, 'newer', { replyToId: before.id })
  await member.call(`PATCH /v1/messages/${answer.id}`, { text: 'newer and better' })
  await member.say(group.id, 'of what is new', { replyToId: answer.id })
  const all = await eventually(async () => {
    const newer = (await readStreamed(messages, group.id)).filter(({ version }) => version > since)
    expect(newer).toHaveLength(3)
    return newer
  })
  expect(all.map(({ type, unquotedFor }) => [type, unquotedFor])).toEqual([
    ['message.created', [newcomer.id]],
    ['message.edited', [newcomer.id]],
    ['message.created', undefined],
  ])
  for (const event of all) expect(() => ConversationEvent.parse(event)).not.toThrow()
  for (const person of [member, newcomer])
    expect(JSON.stringify(await eventsOf(person))).not.toContain('unquotedFor')
})
