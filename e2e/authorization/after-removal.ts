import { type Message, newId, type SyncReply } from '@finnigram/contracts'
import { expect, test } from 'vitest'
import { ask } from '../src/ask.ts'
import { openSocket } from '../src/open-socket.ts'
import { unzip } from '../src/unzip.ts'
import type { Environment } from './environment/environment.ts'
import { done } from './environment/person.ts'
import { createPrivateGroup } from './environment/private-group.ts'

/**
 * What happens in a group after somebody was removed is nothing of theirs, whichever way they ask.
 */
export function testAfterRemoval(environment: () => Environment): void {
  test('who was removed hears and reads nothing of what comes after, edits of older messages included', async () => {
    const { url, people, newPerson } = environment()
    const { owner } = people
    const former = await newPerson()
    const group = await createPrivateGroup(url, { owner, members: [former] })
    const messageId = await group.messageOf(owner)
    await group.messageOf(former)
    const here = `POST /v1/conversations/${group.id}/messages`
    const answer = { id: newId(), text: 'So it is', replyToId: messageId }
    await done<Message>(url, here, { token: former.token, body: answer })
    await done(url, `PUT /v1/messages/${messageId}/star`, { token: former.token })
    const secret = `later-${newId()}`

    using socket = await openSocket(url, { token: former.token })
    await socket.hears('ready')
    const member = `DELETE /v1/conversations/${group.id}/participants/${former.userId}`
    await done(url, member, { token: owner.token })
    const change = (body: object) => ({ token: owner.token, body })
    await done(url, `PATCH /v1/messages/${messageId}`, change({ text: `${secret} edited` }))
    const message = { id: newId(), text: `${secret} sent` }
    await done<Message>(url, here, change(message))
    await done(url, `PATCH /v1/conversations/${group.id}`, change({ title: `${secret} title` }))
    await socket.hears('events', (data) => JSON.stringify(data).includes('participant.removed'))

    const { token } = former
    for (const version of [0, 1, 2, 3, 4, 5, 100]) {
      const body = { known: { [group.id]: version } }
      const reply = await ask(url, 'POST /v1/sync', { token, body })
      expect(reply.text).not.toContain(secret)
      expect((reply.body as SyncReply).removed).toEqual([group.id])
    }
    for (const path of [`/events?after=1`, '/messages', '', '/participants', '/pins']) {
      const reply = await ask(url, `GET /v1/conversations/${group.id}${path}`, { token })
      expect([path, reply.status]).toEqual([path, 404])
    }
    const search = await ask(url, 'GET /v1/search/messages', { token, query: { q: group.canary } })
    expect(search.body).toEqual({ items: [], nextCursor: null })
    for (const path of [messageId, message.id, answer.id]) {
      const reply = await ask(url, `GET /v1/messages/${path}`, { token })
      expect([path, reply.status]).toEqual([path, 404])
    }
    expect((await ask(url, 'GET /v1/stars', { token })).body).toMatchObject({ items: [] })
    const again = { conversationId: group.id, ...answer }
    const told = [
      await ask(url, here, { token, body: answer }),
      await ask(url, 'POST /v1/messages', { token, body: { messages: [again] } }),
      await ask(url, 'GET /v1/users/me/export', { token }),
    ]
    for (const { status } of told) expect(status).toBe(200)
    expect(told.slice(0, 2).map(({ text }) => text.includes(answer.text))).toEqual([true, true])
    expect(JSON.stringify(told)).not.toContain(secret)
    const zip = unzip(Buffer.from(told[2]?.text ?? '', 'latin1'))
    const exported = [...zip.values()].map(String).join()
    expect(exported).toContain(answer.text)
    expect(exported).not.toContain(secret)
    expect(await socket.request('send', again)).toMatchObject({ ok: true, message: { text: answer.text } })
    // The answer to this comes after all that was on its way.
    await socket.request('away')
    expect(JSON.stringify(socket.heard)).not.toContain(secret)

    // Who comes back is told no more of what was changed meanwhile.
    const back = `POST /v1/conversations/${group.id}/participants`
    await done(url, back, change({ userIds: [former.userId] }))
    const after = [
      await ask(url, here, { token, body: answer }),
      await ask(url, `GET /v1/conversations/${group.id}/messages?after=0`, { token }),
      await ask(url, 'POST /v1/sync', { token, body: { known: { [group.id]: 1 } } }),
    ]
    expect(after.map(({ status }) => status)).toEqual([200, 200, 200])
    for (const { text } of after) expect(text).not.toMatch(new RegExp(`${secret} (edited|sent)`))
  })

  test('who came later reads nothing from before, whichever way they ask', async () => {
    const { url, people, newPerson } = environment()
    const { owner } = people
    const group = await createPrivateGroup(url, { owner })
    const messageId = await group.messageOf(owner)
    const newcomer = await newPerson()
    const body = { userIds: [newcomer.userId] }
    await done(url, `POST /v1/conversations/${group.id}/participants`, { token: owner.token, body })

    const { token } = newcomer
    const said = `${group.canary} text`
    const asked = [
      await ask(url, `GET /v1/conversations/${group.id}/messages?after=0`, { token }),
      await ask(url, `GET /v1/conversations/${group.id}/messages?around=1`, { token }),
      await ask(url, `GET /v1/conversations/${group.id}/messages?before=2`, { token }),
      await ask(url, `GET /v1/conversations/${group.id}/events?after=0`, { token }),
      await ask(url, 'POST /v1/sync', { token, body: { known: {} } }),
      await ask(url, 'POST /v1/sync', { token, body: { known: { [group.id]: 1 } } }),
      await ask(url, `GET /v1/conversations/${group.id}`, { token }),
      await ask(url, 'GET /v1/search/messages', { token, query: { q: group.canary } }),
    ]
    for (const reply of asked) {
      expect(reply.status).toBe(200)
      expect(reply.text).not.toContain(said)
      expect(reply.text).not.toContain(messageId)
    }
    const here = `/v1/conversations/${group.id}/messages`
    const refused = [
      await ask(url, `GET /v1/messages/${messageId}`, { token }),
      await ask(url, `PUT /v1/messages/${messageId}/reactions/${encodeURIComponent('👍')}`, { token }),
      await ask(url, `PUT /v1/messages/${messageId}/pin`, { token }),
      await ask(url, `PUT /v1/messages/${messageId}/star`, { token }),
      await ask(url, `POST ${here}`, { token, body: { id: newId(), text: 'Re', replyToId: messageId } }),
      await ask(url, `POST ${here}`, { token, body: { id: newId(), forwardOf: messageId } }),
    ]
    for (const reply of refused) {
      expect(reply.text).not.toContain(said)
      expect([404, 400]).toContain(reply.status)
    }
  })

  test('an edit, a pin or a reaction tells who came later nothing of a message from before', async () => {
    const { url, people, newPerson } = environment()
    const { token } = people.owner
    const group = await createPrivateGroup(url, { owner: people.owner })
    const messageId = await group.messageOf(people.owner)
    const newcomer = await newPerson()
    const add = { token, body: { userIds: [newcomer.userId] } }
    await done(url, `POST /v1/conversations/${group.id}/participants`, add)
    using socket = await openSocket(url, { token: newcomer.token })
    await socket.hears('ready')

    const secret = `older-${newId()}`
    await done(url, `PATCH /v1/messages/${messageId}`, { token, body: { text: secret } })
    await done(url, `PUT /v1/messages/${messageId}/reactions/${encodeURIComponent('👍')}`, { token })
    await done(url, `PUT /v1/messages/${messageId}/pin`, { token })
    const marker = { id: newId(), text: 'Everything is told up to here' }
    await done(url, `POST /v1/conversations/${group.id}/messages`, { token, body: marker })
    await socket.hears('events', (data) => JSON.stringify(data).includes(marker.id))

    expect(JSON.stringify(socket.heard)).not.toContain(secret)
    const mine = { token: newcomer.token }
    for (const path of ['/events?after=0&limit=1000', '/pins', '/messages', '']) {
      const { status, text } = await ask(url, `GET /v1/conversations/${group.id}${path}`, mine)
      expect([path, status, text.includes(secret)]).toEqual([path, 200, false])
    }
    for (const known of [{}, { [group.id]: 1 }, { [group.id]: 3 }, { [group.id]: 4 }, { [group.id]: 5 }]) {
      const { text } = await ask(url, 'POST /v1/sync', { ...mine, body: { known } })
      expect([known, text.includes(secret)]).toEqual([known, false])
    }
  })
}
