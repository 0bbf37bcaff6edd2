import { newId } from '@finnigram/contracts'
import { expect } from 'vitest'
import type { Attack } from './attack.ts'
import { expectRefused, type Target } from './target.ts'

const signUp = ({ ask }: Target, username: string, displayName = 'Somebody') =>
  ask('POST /v1/auth/register', { body: { username, displayName, password: 'nobody else comes up with it' } })

const send = ({ ask, ada, chat }: Target, text: string) =>
  ask(`POST /v1/conversations/${chat}/messages`, { token: ada.token, body: { id: newId(), text } })

const family = '👨‍👩‍👧‍👦'

/** Characters that deceive, multiply or break. */
export const textAttacks: Attack[] = [
  {
    holds: 'a username has no character that looks like another, is invisible or changes direction',
    reference: 'ASVS 2.2.1, UTS #39',
    async run(target) {
      const deceiving = [
        'аdmin',
        'ad\u200Bmin',
        'ad\u00ADmin',
        '\u202Enimda',
        'admin\u2066',
        'admin\uFE0F',
        'admin\u{E0041}',
        'ádmin',
        'adm\u0131n',
        'admin\0',
        'ad min',
        'admin\n',
        '😀😀😀',
        'admin@x',
        'deleted:x',
        '\uD800admin',
      ]
      for (const username of deceiving) expectRefused(await signUp(target, username), 'validation_failed')
    },
  },
  {
    holds: 'two spellings of one username, and two that look alike, are one',
    reference: 'ASVS 6.1.3, UTS #39, UAX #15',
    async run(target) {
      const base = `corn1.${newId().slice(-6)}`
      expect((await signUp(target, base)).status).toBe(201)
      const wide = [...base].map((letter) =>
        /[a-z0-9]/.test(letter) ? String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0) : letter,
      )
      const alike = [base.toUpperCase(), wide.join(''), base.replace('1', 'l'), base.replace('rn', 'm')]
      for (const username of [...alike, base.replace('o', '0'), base.replace('.', '_')])
        expectRefused(await signUp(target, username), 'username_taken')
    },
  },
  {
    holds: 'names of people and groups turn no text around and hide nothing',
    reference: 'ASVS 2.2.1, UAX #9',
    async run(target) {
      const { ask, ada } = target
      const cleaned = {
        '\u202Egnp.exe': 'gnp.exe',
        'A\u200Bda': 'Ada',
        '\u2067Ada': 'Ada',
        'Ada\u{E0001}\0': 'Ada',
      }
      for (const [title, stored] of Object.entries(cleaned)) {
        const { body } = await signUp(target, `n.${newId().slice(-8)}`, title)
        expect(body).toMatchObject({ user: { displayName: stored } })
        const group = { token: ada.token, body: { kind: 'group', title, userIds: [] } }
        expect((await ask('POST /v1/conversations', group)).body).toMatchObject({ title: stored })
      }
      const names = ['\u115F', '\u3164', ' \u00A0 ', '\0', '\u200D\uFE0F']
      for (const name of [...names, `Z${'\u0334'.repeat(40)}`, 'x'.repeat(65), 'x'.repeat(100_000)]) {
        expectRefused(await signUp(target, `n.${newId().slice(-8)}`, name), 'validation_failed')
        const profile = { token: ada.token, body: { displayName: name } }
        expectRefused(await ask('PATCH /v1/users/me', profile), 'validation_failed')
      }
      for (const title of [...names, 'x'.repeat(101)]) {
        const group = { token: ada.token, body: { kind: 'group', title, userIds: [] } }
        expectRefused(await ask('POST /v1/conversations', group), 'validation_failed')
      }
    },
  },
  {
    holds:
      'characters that no database takes, and those that steer terminals, are taken out wherever they are written',
    reference: 'ASVS 1.1.1, ASVS 2.2.1',
    async run(target) {
      const { ask, ada, chat } = target
      const cleaned = {
        'a\0b': 'ab',
        '\uD800!': '\uFFFD!',
        '\uDC00x': '\uFFFDx',
        'a\u0007b': 'ab',
        '\u001B[31m': '[31m',
      }
      for (const [written, stored] of Object.entries(cleaned)) {
        expect((await send(target, written)).body).toMatchObject({ text: stored })
        const bio = { token: ada.token, body: { bio: written } }
        expect((await ask('PATCH /v1/users/me', bio)).body).toMatchObject({ bio: stored })
        const settings = { token: ada.token, body: { draft: written } }
        expect((await ask(`PATCH /v1/conversations/${chat}/me`, settings)).status).toBe(200)
        const { body } = await ask(`GET /v1/conversations/${chat}`, { token: ada.token })
        expect(body).toMatchObject({ me: { draft: stored } })
      }
      for (const broken of ['a\0b', '\uD800']) {
        for (const body of [{ identifier: broken, password: broken }]) {
          const { status } = await ask('POST /v1/auth/login', { body })
          expect([400, 401]).toContain(status)
        }
      }
      for (const encoded of ['%00', '%ED%A0%80', '%FF', '%C0%80']) {
        for (const path of [`/v1/users?query=a${encoded}`, `/v1/search/messages?q=a${encoded}`]) {
          const { status } = await ask(`GET ${path}`, { token: ada.token })
          expect([200, 400]).toContain(status)
        }
        const { status } = await ask(`GET /v1/invites/${encoded}`, { token: ada.token })
        expect([400, 404]).toContain(status)
      }
    },
  },
  {
    holds: 'a message is at most 8000 characters, after all that normalising makes of it',
    reference: 'API4:2023, UAX #15',
    async run(target) {
      expect((await send(target, '😀'.repeat(8_000))).status).toBe(201)
      expect((await send(target, 'e\u0301'.repeat(8_000))).status).toBe(201)
      const long = ['😀'.repeat(8_001), family.repeat(8_000), '\u{1D160}'.repeat(8_000), 'x'.repeat(250_000)]
      for (const text of long) expectRefused(await send(target, text), 'validation_failed')
      const { body } = await send(target, 'e\u0301')
      expect(body).toMatchObject({ text: '\u00E9' })
    },
  },
  {
    holds: 'no character carries a tower of marks',
    reference: 'API4:2023, UTS #36',
    async run(target) {
      const tower = `a${'\u0300\u0316\u0334'.repeat(10)}`
      for (const text of [tower, `ok ${tower}`, `a${'\u0489'.repeat(5_000)}`])
        expectRefused(await send(target, text), 'validation_failed')
      for (const text of ['กำลังพัฒนา', 'שָׁלוֹם', 'हिन्दी', 'Việt Nam', 'བོད་སྐད', family, '🏴󠁧󠁢󠁥󠁮󠁧󠁿'])
        expect((await send(target, text)).status).toBe(201)
    },
  },
  {
    holds: 'a text that is a page, a script or a formula stays the text that it is',
    reference: 'ASVS 1.2.1, ASVS 3.2.2',
    async run(target) {
      for (const text of [
        '<img src=x onerror=alert(1)>',
        '</script><script>',
        '=HYPERLINK("x")',
        '{{7*7}}',
        '%s%n',
      ]) {
        const { body, headers } = await send(target, text)
        expect(body).toMatchObject({ text })
        expect(headers.get('content-type')).toMatch(/^application\/json/)
        expect(headers.get('x-content-type-options')).toBe('nosniff')
      }
    },
  },
  {
    holds: 'a reaction is one emoji and nothing else',
    reference: 'ASVS 2.2.1',
    async run({ ask, ada, chat }) {
      const { body } = await ask(`GET /v1/conversations/${chat}/messages`, { token: ada.token })
      const [message] = (body as { items: { id: string }[] }).items
      for (const emoji of [
        'a',
        '👍👍',
        '1',
        '<b>',
        '\u200D',
        '👍\u202E',
        family.repeat(9),
        '../pin',
        '👍/../../pin',
      ]) {
        const path = `/v1/messages/${message?.id}/reactions/${encodeURIComponent(emoji)}`
        const { status } = await ask(`PUT ${path}`, { token: ada.token })
        expect([emoji, [400, 404].includes(status)]).toEqual([emoji, true])
      }
    },
  },
]
