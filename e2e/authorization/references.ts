import { type Message, newId } from '@finnigram/contracts'
import { expect, test } from 'vitest'
import { ask, type Reply } from '../src/ask.ts'
import { openSocket } from '../src/open-socket.ts'
import type { Environment } from './environment/environment.ts'
import { done } from './environment/person.ts'
import { createPrivateGroup } from './environment/private-group.ts'

const wordsOf = ({ status, text }: Reply) => ({ status, text: text.replace(/"requestId":"[^"]*"/, '') })

/** A message may point to others: by what it answers, forwards or carries. */
export function testReferences(environment: () => Environment): void {
  test('an answer or a forward brings nothing out of a conversation that one cannot see', async () => {
    const { url, people, otherGroup, outsider, group } = environment()
    const { token } = people.owner
    const hidden = await otherGroup.messageOf(outsider)
    const send = (rest: object) =>
      ask(url, `POST /v1/conversations/${group.id}/messages`, { token, body: { id: newId(), ...rest } })
    const mine = await environment().createGroup()
    const sendInto = (rest: object) =>
      ask(url, `POST /v1/conversations/${mine.id}/messages`, { token, body: { id: newId(), ...rest } })
    for (const point of [
      (id: string) => ({ text: 'Re', replyToId: id }),
      (id: string) => ({ forwardOf: id }),
      (id: string) => ({ text: 'Look', forwardOf: id }),
    ]) {
      const refused = await send(point(hidden))
      expect(refused.status).toBe(400)
      expect(wordsOf(refused)).toEqual(wordsOf(await send(point(newId()))))
      expect(refused.text).not.toContain(otherGroup.canary)
    }
    // One's own message of another conversation is no message to answer here.
    const elsewhere = await sendInto({ text: 'Re', replyToId: await group.messageOf(people.owner) })
    expect(elsewhere.status).toBe(400)
  })

  test('over a socket it is the same', async () => {
    const { url, people, otherGroup, outsider, group } = environment()
    const hidden = await otherGroup.messageOf(outsider)
    using socket = await openSocket(url, { token: people.owner.token })
    await socket.hears('ready')
    for (const rest of [{ text: 'Re', replyToId: hidden }, { forwardOf: hidden }]) {
      const answer = await socket.request('send', { conversationId: group.id, id: newId(), ...rest })
      expect(answer).toMatchObject({ ok: false, error: { code: 'validation_failed' } })
    }
  })

  test('the id of a message is taken once, wherever it was sent', async () => {
    const { url, people, otherGroup, outsider, createGroup } = environment()
    const { token } = people.owner
    const { id } = await createGroup()
    const body = { id: await otherGroup.messageOf(outsider), text: 'Mine' }
    const reply = await ask(url, `POST /v1/conversations/${id}/messages`, { token, body })
    expect(reply).toMatchObject({ status: 409, body: { code: 'message_id_taken' } })
    expect(reply.text).not.toContain(otherGroup.canary)
  })

  test('who was removed keeps no star, no file and no picture of the group', async () => {
    const { url, people, newPerson } = environment()
    const { owner } = people
    const former = await newPerson()
    const group = await createPrivateGroup(url, { owner, members: [former] })
    const [messageId, attachmentId] = [await group.messageOf(owner), await group.attachment()]
    await group.avatar()
    const { token } = former
    await done(url, `PUT /v1/messages/${messageId}/star`, { token })
    const paths = [
      `/v1/attachments/${attachmentId}`,
      `/v1/attachments/${attachmentId}/info`,
      `/v1/attachments/${attachmentId}/thumbnail`,
      `/v1/conversations/${group.id}/avatar`,
    ]
    const statuses = () =>
      Promise.all(paths.map(async (path) => (await ask(url, `GET ${path}`, { token })).status))
    expect(await statuses()).toEqual([200, 200, 200, 200])
    const remove = `DELETE /v1/conversations/${group.id}/participants/${former.userId}`
    await done(url, remove, { token: owner.token })
    expect(await statuses()).toEqual([404, 404, 404, 404])
    expect((await ask(url, 'GET /v1/stars', { token })).body).toEqual({ items: [], nextCursor: null })
  })

  test('the file of a deleted message is gone for everyone, and a file that was forwarded stays where it went', async () => {
    const { url, people, createGroup } = environment()
    const { token } = people.owner
    const [from, to] = [await createGroup(), await createGroup()]
    const attachmentId = await from.attachment()
    const page = await done<{ items: Message[] }>(url, `GET /v1/conversations/${from.id}/messages`, { token })
    const source = page.items.find(({ attachments }) => attachments.length > 0)
    const forward = { id: newId(), forwardOf: source?.id }
    const sent = await done<Message>(url, `POST /v1/conversations/${to.id}/messages`, {
      token,
      body: forward,
    })
    const other = { token: people.participant.token }
    await done(url, `DELETE /v1/messages/${source?.id}`, { token })
    const there = sent.attachments[0]?.id ?? attachmentId
    expect((await ask(url, `GET /v1/attachments/${there}`, other)).status).toBe(200)
    await done(url, `DELETE /v1/messages/${sent.id}`, { token })
    expect((await ask(url, `GET /v1/attachments/${there}`, other)).status).toBe(404)
    expect((await ask(url, `GET /v1/attachments/${attachmentId}`, other)).status).toBe(404)
  })
}
