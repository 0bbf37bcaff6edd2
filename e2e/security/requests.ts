import { newId } from '@finnigram/contracts'
import { expect } from 'vitest'
import { signInAgain } from '../authorization/environment/person.ts'
import type { Attack } from './attack.ts'
import { openConnection } from './open-connection.ts'
import { statusesOf } from './statuses-of.ts'

/** How requests are addressed and labelled. */
export const requestAttacks: Attack[] = [
  {
    holds: 'no header turns a request into another one',
    reference: 'ASVS 4.1.4, API5:2023',
    async run({ ask, ada, chat }) {
      const { body } = await ask(`GET /v1/conversations/${chat}/messages`, { token: ada.token })
      const [message] = (body as { items: { id: string }[] }).items
      const names = ['x-http-method-override', 'x-http-method', 'x-method-override', '_method']
      const headers = Object.fromEntries(names.map((name) => [name, 'DELETE']))
      for (const method of ['GET', 'POST']) {
        await ask(`${method} /v1/messages/${message?.id}`, {
          token: ada.token,
          headers,
          query: { _method: 'DELETE' },
        })
      }
      const still = await ask(`GET /v1/messages/${message?.id}`, { token: ada.token })
      expect(still.body).toMatchObject({ deletedAt: null })
      const elsewhere = {
        'x-original-url': '/internal/users/snapshot',
        'x-rewrite-url': '/internal/users/snapshot',
      }
      expect((await ask('GET /v1/nothing', { headers: elsewhere })).status).toBe(404)
    },
  },
  {
    holds: 'who the client is, the gateway says, and nobody tells it',
    reference: 'ASVS 4.1.3, ASVS 15.3.4',
    async run({ ask, ada, url }) {
      const headers = {
        'x-forwarded-for': '203.0.113.7',
        'x-real-ip': '203.0.113.7',
        forwarded: 'for=203.0.113.7',
        'x-user-id': ada.userId,
        'x-internal-token': 'guessed',
        'true-client-ip': '203.0.113.7',
      }
      const body = { identifier: ada.username, password: ada.password }
      expect((await ask('POST /v1/auth/login', { headers, body })).status).toBe(200)
      const { token } = await signInAgain(url, ada)
      const sessions = await ask('GET /v1/auth/sessions', { token })
      expect(sessions.text).not.toContain('203.0.113.7')
      expect((await ask('GET /v1/users/me', { headers })).status).toBe(401)
    },
  },
  {
    holds: 'addresses that climb, double up or name another host lead nowhere',
    reference: 'ASVS 5.3.2, API8:2023',
    async run(target) {
      const paths = [
        '/v1/auth/../../internal/users/snapshot',
        '/v1/auth/..%2f..%2finternal/users/snapshot',
        '/v1/auth/%2e%2e/%2e%2e/internal/users/snapshot',
        '/v1/auth/..%5c..%5cinternal/users/snapshot',
        '/v1/auth/%252e%252e/internal/users/snapshot',
        '/v1//users/me',
        '//v1/users/me',
        '/v1/users/me/',
        '/V1/USERS/ME',
        '/v1/users/%00',
        '/v1/users/%',
        '/v1/users/%ff%fe',
        '/../../../../etc/passwd',
        '/%2e%2e/%2e%2e/%2e%2e/etc/passwd',
        '/..%c0%af..%c0%afetc/passwd',
        'http://evil.example/internal/users/snapshot',
        `http://127.0.0.1:${new URL(target.nodes[0]?.url ?? target.url).port}/internal/users/snapshot`,
        '*',
      ]
      for (const path of paths) {
        using connection = await openConnection(target.url)
        connection.write(
          `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Internal-Token: x\r\n\r\n`,
        )
        const text = await connection.answer(400)
        expect(text, path).toMatch(/^HTTP\/1\.1 (400|401|404|503) /)
        expect(text, path).not.toMatch(/"items"|root:/)
      }
    },
  },
  {
    holds: 'addresses and headers without end are refused',
    reference: 'ASVS 4.2.5, API4:2023',
    async run(target) {
      const endless = [
        `GET /v1/users?query=${'a'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
        `GET /v1/users/me HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(100_000)}\r\n\r\n`,
        `GET /v1/users/me HTTP/1.1\r\nHost: x\r\n${Array.from({ length: 5_000 }, (_, n) => `X-${n}: a`).join('\r\n')}\r\n\r\n`,
      ]
      for (const bytes of endless) expect(await statusesOf(target, bytes)).toEqual([431])
    },
  },
  {
    holds: 'nothing a client sends becomes a header of the answer or a line of the log',
    reference: 'ASVS 4.2.4, ASVS 16.4.1',
    async run(target) {
      const { ask, ada } = target
      for (const id of [
        'a b',
        'a%0d%0aSet-Cookie: x=1',
        'x'.repeat(200),
        '<script>',
        '$\u007Bjndi:ldap://x}',
      ]) {
        const { headers, body } = await ask('GET /v1/users/me', { headers: { 'x-request-id': id } })
        expect(headers.get('x-request-id')).not.toBe(id)
        expect(body).toMatchObject({ requestId: headers.get('x-request-id') })
      }
      const paths = [
        '/v1/users/x%0d%0aSet-Cookie:%20a=b',
        '/problems/x%0d%0aSet-Cookie:%20a=b',
        '/health%0d%0aX-A:b',
      ]
      for (const path of paths) {
        const { headers } = await ask(`GET ${path}`, { token: ada.token })
        expect(headers.get('set-cookie')).toBeNull()
        expect(headers.get('x-a')).toBeNull()
      }
      using connection = await openConnection(target.url)
      connection.write(
        'GET /v1/users/me HTTP/1.1\r\nHost: x\r\nX-Request-Id: a\nSet-Cookie: x=1\r\nConnection: close\r\n\r\n',
      )
      expect(await connection.answer(400)).not.toMatch(/set-cookie/i)
    },
  },
  {
    holds: 'methods that no route has do nothing and echo nothing',
    reference: 'ASVS 13.4.4, ASVS 4.1.4',
    async run(target) {
      for (const method of ['TRACE', 'CONNECT', 'TRACK', 'DEBUG', 'PROPFIND', 'LINK', 'PURGE', 'XYZ']) {
        using connection = await openConnection(target.url)
        const address = method === 'CONNECT' ? '127.0.0.1:22' : '/v1/users/me'
        connection.write(
          `${method} ${address} HTTP/1.1\r\nHost: x\r\nX-Canary: sing\r\nConnection: close\r\n\r\n`,
        )
        const text = await connection.answer(400)
        expect(text, method).not.toContain('sing')
        expect(text, method).not.toMatch(/^HTTP\/1\.1 2/)
      }
      for (const method of ['PUT', 'PATCH', 'DELETE'])
        expect((await target.ask(`${method} /v1/conversations/${newId()}/messages`)).status).toBe(404)
    },
  },
  {
    holds: 'an upgrade to anything but the socket is ignored: the request is answered as any other',
    reference: 'ASVS 4.2.1, ASVS 4.4.1',
    async run(target) {
      for (const [path, upgrade, status] of [
        ['/v1/users/me', 'websocket', 401],
        ['/v1/users/me', 'h2c', 401],
        ['/internal/users/snapshot', 'websocket', 404],
        ['/health', 'h2c', 200],
        ['/health', 'TLS/1.2, h2c', 200],
        ['/socket.io/../internal', 'websocket', 404],
      ]) {
        const bytes = `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${upgrade}\r\n\r\n`
        expect([path, await statusesOf(target, bytes)]).toEqual([path, [status]])
      }
    },
  },
  {
    holds: 'what is searched for is words, never part of a statement',
    reference: 'ASVS 1.2.4, API8:2023',
    async run({ ask, ada, mallory, chat }) {
      const phrases = [
        "' OR 1=1 --",
        "'; DROP TABLE users; --",
        '%',
        '_',
        '\\',
        '%%%',
        '" OR "" = "',
        '$1',
        '* | !a & b:*',
      ]
      const operators = [
        'a & | ! ( )',
        ':*',
        '<->',
        '((((',
        "\\'",
        '#{7*7}',
        '{{7*7}}',
        '\u{1F600}',
        'a'.repeat(100),
      ]
      for (const query of [...phrases, ...operators]) {
        for (const q of [query, `${query}Between us`.slice(0, 100)]) {
          const people = await ask('GET /v1/users', { token: mallory.token, query: { query: q } })
          expect(people.status).toBe(200)
          // Without a letter there is nothing that anyone is called.
          if (!/\p{L}|\d/u.test(q)) expect(people.body).toEqual({ items: [], nextCursor: null })
          const found = await ask('GET /v1/search/messages', { token: mallory.token, query: { q } })
          expect(found.status).toBe(200)
          expect(found.text).not.toContain(chat)
        }
      }
      for (const cursor of [
        "' OR 1=1",
        'e30',
        Buffer.from('["\'","x"]').toString('base64url'),
        'A'.repeat(512),
      ]) {
        const { status } = await ask('GET /v1/conversations', { token: ada.token, query: { cursor } })
        expect(status).toBe(400)
      }
    },
  },
]
