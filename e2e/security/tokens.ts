import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'vitest'
import type { Question } from '../src/ask.ts'
import { openSocket } from '../src/open-socket.ts'
import type { Attack } from './attack.ts'
import { encode, foreignKey, like, macWith, partsOf, signWith, stealKey } from './forge-token.ts'
import { expectRefused, type Target } from './target.ts'

/** No service takes this token, over HTTP or a socket. */
async function expectRefusedEverywhere(target: Target, token: string, code = 'unauthenticated') {
  for (const path of ['/v1/users/me', '/v1/conversations']) {
    const reply = await target.ask(`GET ${path}`, { token })
    expectRefused(reply, code)
    expect(reply.headers.get('www-authenticate')).toMatch(/^Bearer/)
  }
  await expect(openSocket(target.url, { token })).rejects.toMatchObject({ code })
}

/**
 * Expects that the token of the right key with one thing changed is refused, and unchanged is not.
 */
async function expectNeeded(target: Target, changes: Parameters<typeof like>[1], code?: string) {
  const key = await stealKey(target)
  const right = signWith(key, ...like(target))
  expect((await target.ask('GET /v1/users/me', { token: right })).status).toBe(200)
  await expectRefusedEverywhere(target, signWith(key, ...like(target, changes)), code)
}

const now = () => Math.floor(Date.now() / 1000)
const hour = 3600

/** Access tokens: forged, of another kind, at another time, in other places. */
export const tokenAttacks: Attack[] = [
  {
    holds: 'a token without a signature is none, however "none" is spelt',
    reference: 'ASVS 9.1.2, API2:2023',
    async run(target) {
      for (const alg of ['none', 'None', 'NONE', 'nOnE', '', null]) {
        const [header, claims] = like(target, { header: { alg } })
        const content = `${encode(header)}.${encode(claims)}`
        for (const token of [`${content}.`, content, `${content}.${partsOf(target.ada.token).signature}`])
          await expectRefusedEverywhere(target, token)
      }
    },
  },
  {
    holds: 'the public key is no shared secret',
    reference: 'ASVS 9.1.2, RFC 8725 3.1',
    async run(target) {
      const { body } = await target.ask('GET /.well-known/jwks.json')
      const [jwk] = (body as { keys: { x: string }[] }).keys
      const secrets = [JSON.stringify(jwk), jwk?.x ?? '', Buffer.from(jwk?.x ?? '', 'base64url'), '']
      for (const secret of secrets) {
        for (const alg of ['HS256', 'EdDSA'])
          await expectRefusedEverywhere(target, macWith(secret, ...like(target, { header: { alg } })))
      }
    },
  },
  {
    holds: 'a token of one’s own key says nothing, whoever it names',
    reference: 'ASVS 9.1.1, API2:2023',
    async run(target) {
      const { privateKey } = foreignKey()
      await expectRefusedEverywhere(target, signWith(privateKey, ...like(target)))
      const claims = { sub: target.mallory.userId, sid: target.mallory.sessionId }
      await expectRefusedEverywhere(target, signWith(privateKey, ...like(target, { claims })))
    },
  },
  {
    holds: 'the claims of one token do not go with the signature of another',
    reference: 'ASVS 9.1.1',
    async run(target) {
      const [header, , signature] = (target.mallory.token ?? '').split('.')
      const [, claims] = (target.ada.token ?? '').split('.')
      await expectRefusedEverywhere(target, `${header}.${claims}.${signature}`)
      const zeros = Buffer.alloc(64).toString('base64url')
      const [es256] = like(target, { header: { alg: 'ES256' } })
      await expectRefusedEverywhere(target, `${encode(es256)}.${claims}.${zeros}`)
    },
  },
  {
    holds: 'keys are the server’s own: none that the token brings or points to is asked for or taken',
    reference: 'ASVS 9.1.3, API7:2023',
    async run(target) {
      let asked = 0
      const { privateKey, publicKey } = foreignKey()
      const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'mine', alg: 'EdDSA', use: 'sig' }
      const server = createServer((_request, response) => {
        asked += 1
        response.end(JSON.stringify({ keys: [jwk] }))
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
      const brought = [{ jku: url }, { x5u: url }, { jwk }, { x5c: ['MIIB'] }, { iss: url }]
      try {
        for (const header of brought) {
          const kid = { header: { ...header, kid: 'mine' } }
          await expectRefusedEverywhere(target, signWith(privateKey, ...like(target, kid)))
          await expectRefusedEverywhere(target, signWith(privateKey, ...like(target, { header })))
        }
        expect(asked).toBe(0)
      } finally {
        server.close()
      }
    },
  },
  {
    holds: 'the name of a key is only a name: no path, no query, no other type',
    reference: 'ASVS 9.1.3, ASVS 1.2.4',
    async run(target) {
      const kids = [
        '../../../../../../dev/null',
        '/dev/null',
        `' OR '1'='1`,
        "x' UNION SELECT 'key'--",
        '__proto__',
        'constructor',
        '\0',
        'k'.repeat(4_000),
        ['a'],
        { toString: 'x' },
        0,
        null,
      ]
      for (const kid of kids)
        await expectRefusedEverywhere(target, macWith('', ...like(target, { header: { kid, alg: 'HS256' } })))
      const { privateKey } = foreignKey()
      for (const kid of kids)
        await expectRefusedEverywhere(target, signWith(privateKey, ...like(target, { header: { kid } })))
    },
  },
  {
    holds: 'only a token of the right type is an access token',
    reference: 'ASVS 9.2.2, RFC 9068 4',
    async run(target) {
      for (const typ of ['JWT', 'id+jwt', 'refresh', '', undefined])
        await expectNeeded(target, { header: { typ } })
    },
  },
  {
    holds: 'a token of another issuer or for another audience is refused',
    reference: 'ASVS 9.2.3, ASVS 9.2.4',
    async run(target) {
      for (const aud of ['someone', ['someone'], '', undefined, null])
        await expectNeeded(target, { claims: { aud } })
      for (const iss of ['https://evil.example', '', undefined])
        await expectNeeded(target, { claims: { iss } })
    },
  },
  {
    holds: 'a token is good in its time only, and has to say when that is',
    reference: 'ASVS 9.2.1',
    async run(target) {
      await expectNeeded(target, { claims: { exp: now() - 60, iat: now() - hour } }, 'token_expired')
      await expectNeeded(target, { claims: { nbf: now() + hour } })
      for (const exp of [undefined, null, 'tomorrow', `${now() + hour}`, []])
        await expectNeeded(target, { claims: { exp } })
    },
  },
  {
    holds: 'a token that asks for what the server does not know is refused',
    reference: 'RFC 7515 4.1.11, RFC 7797',
    async run(target) {
      await expectNeeded(target, { header: { crit: ['exp', 'x'], x: true } })
      await expectNeeded(target, { header: { b64: false, crit: ['b64'] } })
    },
  },
  {
    holds: 'a token that says not who or which session is none',
    reference: 'ASVS 9.2.2, RFC 9068 2.2',
    async run(target) {
      for (const wrong of [undefined, null, 7, ['x'], {}]) {
        await expectNeeded(target, { claims: { sub: wrong } })
        await expectNeeded(target, { claims: { sid: wrong } })
      }
    },
  },
  {
    holds: 'pieces of a token, more than a token and very long ones are refused',
    reference: 'ASVS 9.1.1, ASVS 4.2.5',
    async run(target) {
      const token = target.ada.token ?? ''
      const [header, claims, signature = ''] = token.split('.')
      const broken = [
        '',
        '.',
        '..',
        'x',
        `${header}`,
        `${header}.${claims}`,
        `${header}.${claims}.`,
        `${header}.${claims}.${signature.slice(0, -4)}`,
        `${header}..${signature}`,
        `${token}.${signature}`,
        `${token}x`,
        `${token}=`,
        'a'.repeat(8_000),
        `${header}.${'a'.repeat(8_000)}.${signature}`,
        target.ada.refreshToken,
      ]
      for (const wrong of broken) await expectRefusedEverywhere(target, wrong)
      const { status } = await target.ask('GET /v1/users/me', { token: 'a'.repeat(100_000) })
      expect(status).toBe(431)
    },
  },
  {
    holds: 'a token is taken from the Authorization header as Bearer and from nowhere else',
    reference: 'ASVS 14.2.1, ASVS 3.5.1, RFC 6750',
    async run(target) {
      const { token = '' } = target.ada
      const places: Question[] = [
        { query: { access_token: token, token } },
        { headers: { cookie: `token=${token}; access_token=${token}; accessToken=${token}` } },
        { headers: { authorization: `Basic ${Buffer.from(`ada:${token}`).toString('base64')}` } },
        { headers: { authorization: token } },
        { headers: { authorization: `Bearer ${token}, Bearer ${token}` } },
        { headers: { authorization: `Bearer "${token}"` } },
        { headers: { 'x-access-token': token, 'proxy-authorization': `Bearer ${token}` } },
      ]
      for (const place of places)
        expectRefused(await target.ask('GET /v1/users/me', place), 'unauthenticated')
      const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' } }
      const body = { ...form, bytes: `access_token=${token}` }
      expectRefused(await target.ask('POST /v1/auth/logout', body), 'unauthenticated')
    },
  },
]
