import { type Invite, newId } from '@finnigram/contracts'
import { expect } from 'vitest'
import { done } from '../authorization/environment/person.ts'
import type { Reply } from '../src/ask.ts'
import type { Attack } from './attack.ts'
import { expectRefused } from './target.ts'

/** An answer without what differs from request to request. */
const shapeOf = ({ status, headers, text }: Reply) => ({
  status,
  text: text.replace(/"requestId":"[^"]*"/, ''),
  headers: [...headers].filter(([name]) => !['date', 'x-request-id'].includes(name)),
})

/** What answers tell besides what was asked. */
export const disclosureAttacks: Attack[] = [
  {
    holds: 'an unknown person and a wrong password get the same answer, by name and by address',
    reference: 'ASVS 6.3.8, API2:2023',
    async run({ ask, ada, newPerson }) {
      const logIn = (identifier: string) =>
        ask('POST /v1/auth/login', { body: { identifier, password: 'not the password' } })
      const known = shapeOf(await logIn(ada.username))
      expect(known.status).toBe(401)
      for (const identifier of [
        'nobody.at.all',
        ada.email,
        'nobody@mail.example',
        ada.userId,
        'deleted:x',
        "'--",
      ])
        expect(shapeOf(await logIn(identifier))).toEqual(known)
      const gone = await newPerson()
      await ask('DELETE /v1/users/me', { token: gone.token, body: { password: gone.password } })
      expect(shapeOf(await logIn(gone.username))).toEqual(known)
    },
  },
  {
    holds: 'asking for a new password tells nobody who has an account',
    reference: 'ASVS 6.3.8, ASVS 6.4.3',
    async run({ ask, ada }) {
      const forgot = (email: string) => ask('POST /v1/auth/password/forgot', { body: { email } })
      const known = shapeOf(await forgot(ada.email))
      expect(known.status).toBe(202)
      for (const email of ['nobody@mail.example', ada.email.toUpperCase()])
        expect(shapeOf(await forgot(email))).toEqual(known)
    },
  },
  {
    holds: 'links in mails lead to the product’s own address, whatever host the request names',
    reference: 'ASVS 6.4.3, ASVS 4.1.3',
    async run({ ask, home, newPerson }) {
      const { readdir, readFile } = await import('node:fs/promises')
      const person = await newPerson()
      const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'gopher' }
      await ask('POST /v1/auth/password/forgot', { body: { email: person.email }, headers })
      const read = async () => {
        const names = await readdir(`${home}/mail`)
        const mails = await Promise.all(names.map((name) => readFile(`${home}/mail/${name}`, 'utf8')))
        return mails.filter((mail) => mail.includes(person.email))
      }
      await expect.poll(async () => (await read()).length, { timeout: 8_000 }).toBeGreaterThan(1)
      for (const mail of await read()) expect(mail).not.toMatch(/evil\.example|gopher/)
    },
  },
  {
    holds: 'nobody is found by their e-mail address, and nobody’s is shown to others',
    reference: 'API3:2023, ASVS 15.3.1',
    async run({ ask, ada, mallory }) {
      for (const query of [ada.email, ada.email.split('@')[0] ?? '', '@mail.example']) {
        const found = await ask('GET /v1/users', { token: mallory.token, query: { query } })
        expect(found.text).not.toContain(ada.email)
        if (query.includes('@')) expect(found.text).not.toContain(ada.userId)
      }
      const { body } = await ask(`GET /v1/users/${ada.userId}`, { token: mallory.token })
      const known = [
        'id',
        'username',
        'displayName',
        'bio',
        'avatarUrl',
        'createdAt',
        'lastSeenAt',
        'version',
      ]
      expect(Object.keys(body as object).sort()).toEqual(known.sort())
    },
  },
  {
    holds: 'ids and invite codes cannot be guessed from others',
    reference: 'ASVS 8.2.2, ASVS 11.5.1, API1:2023',
    async run({ url, ask, ada }) {
      const { token } = ada
      const invites: string[] = []
      for (let n = 0; n < 3; n += 1) {
        const group = { kind: 'group', title: 'Open', userIds: [] }
        const { id } = await done<{ id: string }>(url, 'POST /v1/conversations', { token, body: group })
        invites.push((await done<Invite>(url, `POST /v1/conversations/${id}/invites`, { token })).code)
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      }
      for (const code of invites) expect(code.length).toBeGreaterThanOrEqual(20)
      expect(new Set(invites.map((code) => code.slice(0, 5))).size).toBe(3)
      for (const code of [invites[0]?.slice(0, -1), invites[0]?.toUpperCase(), `${invites[0]}x`])
        expectRefused(await ask(`GET /v1/invites/${code}`, { token }), 'not_found')
    },
  },
  {
    holds: 'answers of the API are no pages, are kept by no cache, and say nothing of what made them',
    reference: 'ASVS 3.2.1, ASVS 14.3.2, ASVS 13.4.6, API8:2023',
    async run({ ask, ada, chat }) {
      const replies = [
        await ask('GET /v1/users/me', { token: ada.token }),
        await ask('GET /v1/users/me'),
        await ask(`GET /v1/conversations/${chat}`, { token: ada.token }),
        await ask(`GET /v1/conversations/${newId()}`, { token: ada.token }),
        await ask('GET /v1/nothing'),
        await ask('POST /v1/auth/login', { body: { identifier: ada.username, password: ada.password } }),
      ]
      for (const { headers } of replies) {
        expect(headers.get('x-content-type-options')).toBe('nosniff')
        expect(headers.get('content-type')).toMatch(/^application\/(problem\+)?json/)
        expect(headers.get('cache-control')).toMatch(/no-store/)
        expect(headers.get('set-cookie')).toBeNull()
        for (const name of ['x-powered-by', 'server', 'via', 'x-runtime'])
          expect(headers.get(name)).toBeNull()
      }
    },
  },
  {
    holds:
      'pages of the app may not be framed, load nothing from elsewhere and run no script written into them',
    reference: 'ASVS 3.4.3, ASVS 3.4.4, ASVS 3.4.5, ASVS 3.4.6, ASVS 3.4.8',
    async run({ ask }) {
      for (const path of ['/', '/v1/docs', '/c/anything', '/nothing.js']) {
        const { headers } = await ask(`GET ${path}`)
        const policy = headers.get('content-security-policy') ?? ''
        const scripts = /script-src ([^;]*)/.exec(policy)?.[1] ?? /default-src ([^;]*)/.exec(policy)?.[1]
        expect([path, scripts]).toEqual([path, expect.stringMatching(/^'(self|none)'$/)])
        expect(policy).toMatch(/object-src 'none'/)
        expect(policy).toMatch(/base-uri '(self|none)'/)
        expect(policy).toMatch(/frame-ancestors 'none'/)
        expect(headers.get('x-content-type-options')).toBe('nosniff')
        expect(headers.get('referrer-policy')).toBe('no-referrer')
        expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
      }
    },
  },
  {
    holds: 'no other origin may read an answer or send one’s token along',
    reference: 'ASVS 3.4.2, ASVS 3.5.2, API8:2023',
    async run({ ask, ada }) {
      for (const origin of ['https://evil.example', 'null', 'http://localhost.evil.example', 'file://']) {
        const headers = {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization',
        }
        for (const request of [
          'OPTIONS /v1/users/me',
          'GET /v1/users/me',
          'OPTIONS /v1/uploads',
          'OPTIONS /v1/auth/login',
        ]) {
          const reply = await ask(request, { headers, token: ada.token })
          expect([request, reply.headers.get('access-control-allow-origin')]).toEqual([request, null])
          expect(reply.headers.get('access-control-allow-credentials')).toBeNull()
        }
      }
    },
  },
  {
    holds: 'the workings of the services are not at the public address',
    reference: 'ASVS 13.4.5, API9:2023',
    async run({ ask }) {
      for (const path of [
        '/metrics',
        '/health/live',
        '/health/ready',
        '/internal',
        '/.env',
        '/.git/config',
        '/secrets.json',
      ]) {
        const { text } = await ask(`GET ${path}`)
        expect([path, /process_cpu|nodejs_|DATABASE_URL|\[core\]|internalToken/.test(text)]).toEqual([
          path,
          false,
        ])
      }
    },
  },
]
