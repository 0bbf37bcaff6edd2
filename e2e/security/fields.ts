import { type Conversation, type Me, type Message, newId } from '@finnigram/contracts'
import { expect } from 'vitest'
import type { Attack } from './attack.ts'
import { expectRefused, type Target } from './target.ts'

const json = { 'content-type': 'application/json' }

const post = ({ ask, chat, ada }: Target, bytes: string) =>
  ask(`POST /v1/conversations/${chat}/messages`, { token: ada.token, bytes, headers: json })

/** What stands in a body that should not. */
export const fieldAttacks: Attack[] = [
  {
    holds: 'a key given twice counts once, as JSON says, and a query parameter given twice is refused',
    reference: 'ASVS 1.5.3, ASVS 15.3.7',
    async run(target) {
      const [first, second] = [newId(), newId()]
      const { body } = await post(target, `{"id":"${first}","text":"first","id":"${second}","text":"second"}`)
      expect(body).toMatchObject({ id: second, text: 'second' })
      const { ada, ask } = target
      for (const query of [
        'limit=1&limit=100',
        'limit[]=1',
        'limit[a]=1',
        'limit=1%00',
        'limit=1e9',
        'limit=-1',
      ]) {
        const reply = await ask(`GET /v1/conversations?${query}`, { token: ada.token })
        expect([query, reply.status]).toEqual([query, query.startsWith('limit[') ? 200 : 400])
      }
    },
  },
  {
    holds: 'no body changes what all objects are',
    reference: 'ASVS 15.3.6',
    async run(target) {
      const { ada, ask } = target
      const id = newId()
      const polluted = `{"id":"${id}","text":"x","__proto__":{"polluted":1,"isAdmin":true},"constructor":{"prototype":{"polluted":1}}}`
      const { body } = await post(target, polluted)
      expect(Object.keys(body as object)).not.toContain('polluted')
      const keys = `{"known":{"__proto__":1,"constructor":2,"toString":3}}`
      expectRefused(
        await ask('POST /v1/sync', { token: ada.token, bytes: keys, headers: json }),
        'validation_failed',
      )
      const preferences = `{"preferences":{"__proto__":{"polluted":1},"theme":"dark"}}`
      await ask('PATCH /v1/users/me', { token: ada.token, bytes: preferences, headers: json })
      await ask('GET /v1/conversations?__proto__=1&constructor=1&hasOwnProperty=1', { token: ada.token })
      const { text } = await ask('GET /v1/users/me', { token: ada.token })
      expect(text).not.toMatch(/polluted|isAdmin/)
      expect('polluted' in {}).toBe(false)
    },
  },
  {
    holds: 'fields that are the server’s to fill are ignored and never stored',
    reference: 'ASVS 15.3.3, API3:2023',
    async run({ ask, ada, grace, mallory, chat }) {
      const forged = {
        senderId: grace.userId,
        seq: 99_999,
        version: 99_999,
        createdAt: '2001-01-01T00:00:00.000Z',
      }
      const more = {
        kind: 'system',
        system: { type: 'participant.left' },
        mentions: [grace.userId],
        mentionsAll: true,
      }
      const message = {
        id: newId(),
        text: 'Mine',
        conversationId: newId(),
        ...forged,
        ...more,
        reactions: [{}],
      }
      const sent = await ask(`POST /v1/conversations/${chat}/messages`, { token: ada.token, body: message })
      const expected = {
        senderId: ada.userId,
        conversationId: chat,
        kind: 'text',
        system: null,
        mentions: [],
      }
      expect(sent.body).toMatchObject({ ...expected, mentionsAll: false, reactions: [] })
      expect((sent.body as Message).seq).toBeLessThan(1_000)
      expect((sent.body as Message).createdAt > '2002').toBe(true)

      const group = {
        kind: 'group',
        title: 'Ours',
        userIds: [],
        createdBy: grace.userId,
        role: 'member',
      }
      const taken = await ask('POST /v1/conversations', {
        token: mallory.token,
        body: { ...group, id: chat },
      })
      expect(taken).toMatchObject({ status: 409, body: { code: 'conversation_id_taken' } })
      const made = await ask('POST /v1/conversations', { token: mallory.token, body: group })
      expect(made.body).toMatchObject({ createdBy: mallory.userId, me: { role: 'owner' } })
      expect((made.body as Conversation).id).not.toBe(chat)

      const profile = {
        id: grace.userId,
        emailVerified: true,
        totpEnabled: true,
        createdAt: '2001-01-01T00:00:00.000Z',
        avatarUrl: 'https://evil.example/pixel.png',
        role: 'admin',
        passwordHash: 'x',
        deleted: true,
      }
      const changed = await ask('PATCH /v1/users/me', { token: mallory.token, body: profile })
      const me = changed.body as Me
      expect(me).toMatchObject({
        id: mallory.userId,
        emailVerified: false,
        totpEnabled: false,
        avatarUrl: null,
      })
      expect(Object.keys(me)).not.toEqual(expect.arrayContaining(['role', 'passwordHash']))
      const username = `mass.${newId().slice(-8)}`
      const signUp = {
        username,
        displayName: 'Mass',
        password: `${username} is assigned`,
        ...profile,
        sid: 'x',
      }
      const signedUp = await ask('POST /v1/auth/register', { body: signUp })
      const fresh = (signedUp.body as { user: Me }).user
      expect(fresh).toMatchObject({ emailVerified: false, totpEnabled: false, avatarUrl: null })
      expect(fresh.id).not.toBe(grace.userId)
    },
  },
  {
    holds: 'numbers beyond all bounds are refused, and none wraps around',
    reference: 'ASVS 2.2.1, ASVS 1.4.2',
    async run({ ask, ada, chat }) {
      const path = `/v1/conversations/${chat}`
      for (const seq of ['1e400', '-1', '1.5', '9007199254740993', '"1"', 'null', '[1]', '{}', 'true']) {
        const mark = { token: ada.token, bytes: `{"seq":${seq}}`, headers: json }
        expect([seq, (await ask(`POST ${path}/read`, mark)).status]).toEqual([seq, 400])
      }
      const big = { token: ada.token, bytes: '{"seq":9007199254740991}', headers: json }
      expect((await ask(`POST ${path}/read`, big)).status).toBeLessThan(500)
      for (const name of ['before', 'after', 'around'])
        for (const value of [
          '9007199254740991',
          '2147483648',
          '99999999999999999999',
          '-1',
          '0x10',
          '1e3',
          'NaN',
        ]) {
          const { status } = await ask(`GET ${path}/messages`, { token: ada.token, query: { [name]: value } })
          expect([200, 400]).toContain(status)
        }
      const events = await ask(`GET ${path}/events`, {
        token: ada.token,
        query: { after: '9007199254740991' },
      })
      expect([200, 400]).toContain(events.status)
      const known = { token: ada.token, body: { known: { [chat]: Number.MAX_SAFE_INTEGER } } }
      expect((await ask('POST /v1/sync', known)).status).toBeLessThan(500)
    },
  },
]
