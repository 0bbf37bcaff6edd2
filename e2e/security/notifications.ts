import { createECDH } from 'node:crypto'
import { newId } from '@finnigram/contracts'
import { expect } from 'vitest'
import { unzip } from '../src/unzip.ts'
import type { Attack } from './attack.ts'
import { expectRefused } from './target.ts'

const keys = {
  p256dh: createECDH('prime256v1').generateKeys('base64url'),
  auth: Buffer.alloc(16, 7).toString('base64url'),
}
const browser = (endpoint: string) => ({
  kind: 'webpush',
  name: 'Browser',
  subscription: { endpoint, keys },
})
const phone = () => ({ kind: 'expo', name: 'Phone', token: `ExponentPushToken[${newId()}]` })

/** Where notifications are wanted, and when not. */
export const notificationAttacks: Attack[] = [
  {
    holds: 'no subscription makes the server call its own network, or anybody without TLS',
    reference: 'ASVS 1.3.6, API7:2023',
    async run({ ask, ada, nodes }) {
      const inside = nodes.map(({ url }) => `${url}/internal/users/snapshot`)
      const endpoints = [
        'http://push.example.com/x',
        'https://127.0.0.1/x',
        'https://2130706433/x',
        'https://0x7f.1/x',
        'https://[::ffff:7f00:1]/x',
        'https://169.254.169.254/latest/meta-data',
        'https://metadata.google.internal/',
        'https://localhost./x',
        'https://redis:6379/',
        'https://push.example.com@10.0.0.1/x',
        'file:///etc/passwd',
        'gopher://127.0.0.1:6379/_FLUSHALL',
        ...inside,
      ]
      for (const endpoint of endpoints) {
        const question = { token: ada.token, body: browser(endpoint) }
        const reply = await ask(`PUT /v1/users/me/devices/${newId()}`, question)
        expect([endpoint, reply.status]).toEqual([endpoint, 400])
      }
    },
  },
  {
    holds: 'the id of a device is a plain word, and names only devices of one’s own',
    reference: 'ASVS 2.2.1, API1:2023',
    async run({ ask, ada, mallory }) {
      for (const id of ['a%2Fb', 'a%20b', '%F0%9F%91%8D', "'--", 'x'.repeat(65)]) {
        const reply = await ask(`PUT /v1/users/me/devices/${id}`, { token: ada.token, body: phone() })
        expect([id, reply.status]).toEqual([id, 400])
      }
      for (const id of ['constructor', '__proto__', 'toString'])
        expect(
          (await ask(`PUT /v1/users/me/devices/${id}`, { token: ada.token, body: phone() })).status,
        ).toBe(204)
      const body = { deviceId: 'constructor' }
      expectRefused(await ask('POST /v1/push/test', { token: mallory.token, body }), 'not_found')
      const gone = await ask('DELETE /v1/users/me/devices/constructor', { token: mallory.token })
      expect(gone.status).toBe(204)
      const mine = await ask('GET /v1/users/me/export', { token: ada.token })
      const devices = unzip(Buffer.from(mine.text, 'latin1')).get('devices.json')?.toString()
      expect(devices).toContain('__proto__')
      expect(devices).not.toContain('ExponentPushToken')
    },
  },
  {
    holds: 'quiet hours are times of a day in a zone that there is, or they are refused',
    reference: 'ASVS 2.2.1',
    async run({ ask, mallory: { token } }) {
      const night = { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' }
      const bad = [
        { ...night, from: '22:00\n' },
        { ...night, to: '٠٧:٠٠' },
        { ...night, timeZone: 'Europe/Berlin\u0000' },
        { ...night, timeZone: '../../etc/localtime' },
        { ...night, timeZone: '__proto__' },
        { ...night, timeZone: { toString: 'UTC' } },
        { from: '22:00' },
        [],
        'always',
        true,
      ]
      for (const quietHours of bad) {
        const body = { preferences: { notifications: { quietHours } } }
        expectRefused(await ask('PATCH /v1/users/me', { token, body }), 'validation_failed')
      }
      const { body } = await ask('GET /v1/users/me', { token })
      expect(body).toMatchObject({ preferences: { notifications: { quietHours: null } } })
    },
  },
]
